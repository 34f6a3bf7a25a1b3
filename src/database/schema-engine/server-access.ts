// What the schema engine does to a server rather than to a database: can it be reached, make and drop databases.
import pg from 'pg'

import { connectionSettings } from '../connection-settings.ts'

/** The URL that the Prisma CLI gave. */
export function givenUrl(url: string | undefined): string {
  if (url === undefined || url === '') throw new Error('no database URL: set DATABASE_URL')
  return url
}

/** The name of the database in a URL. */
export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres'
}

export function withDatabase(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(database)}`
  return other.href
}

/** A name as it stands in SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Connects, runs the statements if there are any, and hangs up. */
export async function runOn(url: string, sql?: string): Promise<void> {
  const client = new pg.Client({ ...connectionSettings(url) })
  await client.connect()
  try {
    if (sql !== undefined) await client.query(sql)
  } finally {
    await client.end()
  }
}

const NO_SUCH_DATABASE = '3D000'

/** Runs a statement on the database that every server has. */
async function runOnServer(url: string, sql: string): Promise<void> {
  try {
    await runOn(withDatabase(url, 'postgres'), sql)
  } catch (error) {
    if ((error as { code?: string }).code !== NO_SUCH_DATABASE) throw error
    await runOn(withDatabase(url, 'template1'), sql)
  }
}

export async function makeDatabase(url: string, name: string): Promise<void> {
  await runOnServer(url, `CREATE DATABASE ${quoteName(name)}`)
}

export async function dropDatabase(url: string, name: string): Promise<void> {
  await runOnServer(url, `DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)`)
}
