import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { testDatabase } from '../../../tests/database.ts'
import { prismaProject, type PrismaProject } from '../../../tests/fixtures/prisma-project.ts'
import { migrate } from '../migrate.ts'

// Each command of Prisma's CLI takes one to three seconds.
const timeout = 60_000

let project: PrismaProject
let url: string

beforeAll(async () => {
  project = prismaProject()
  // It holds the engine's own schema, which Prisma must leave alone.
  url = await testDatabase(import.meta.url)
}, timeout)
afterAll(() => rmSync(project.folder, { recursive: true, force: true }))

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

test(
  'migrate dev writes and applies a migration, and Millrace and Prisma agree on what was applied',
  { timeout },
  async () => {
    project.prisma(['migrate', 'dev', '--name', 'init'], url)
    const folder = join(project.folder, 'migrations')
    const [name] = readdirSync(folder).filter((entry) => entry.endsWith('_init'))
    expect(await migrate({ url, folder })).toEqual([])

    mkdirSync(join(folder, '99999999999999_body'))
    writeFileSync(
      join(folder, '99999999999999_body/migration.sql'),
      'CREATE FUNCTION one() RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql;',
    )
    expect(await migrate({ url, folder })).toEqual(['99999999999999_body'])
    expect(project.prisma(['migrate', 'status'], url)).toContain('Database schema is up to date!')
    expect(project.prisma(['migrate', 'deploy'], url)).toContain('No pending migrations to apply.')
    expect(
      project.prisma(['migrate', 'diff', '--from-config-datasource', '--to-schema', schema(), '--exit-code'], url),
    ).toContain('No difference detected.')
    expect(await query('SELECT migration_name FROM _prisma_migrations ORDER BY 1')).toEqual([
      { migration_name: name },
      { migration_name: '99999999999999_body' },
    ])
  },
)

test('a migration that fails under migrate deploy leaves nothing behind', { timeout }, async () => {
  const folder = join(project.folder, 'migrations/99999999999999_broken')
  mkdirSync(folder)
  writeFileSync(join(folder, 'migration.sql'), 'CREATE TABLE half (n int); ALTER TABLE nowhere ADD COLUMN n int;')
  expect(() => project.prisma(['migrate', 'deploy'], url)).toThrow('No such table: nowhere')
  expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }])
})

test('a database that is down is named as such', { timeout }, () => {
  expect(() => project.prisma(['migrate', 'status'], 'postgres://millrace@127.0.0.1:1/none')).toThrow('P1001')
})

const schema = (): string => join(project.folder, 'schema.prisma')
