// Brings the engine's own schema `millrace` up to date. Each migration is one transaction with its line in millrace.migration;
// several processes that start at once wait for the first one.
import { createHash } from 'node:crypto'

import pg from 'pg'

import { MillraceError } from '../errors/millrace-error.ts'
import { connectionSettings } from './connection-settings.ts'
import { engineMigrations, type EngineMigration } from './engine-migrations.ts'
import { holdMigrationLock } from './migration-lock.ts'
import { migrationError } from './migration-error.ts'

/** Any number that nobody else uses: 'mill' in ASCII. */
const ENGINE_LOCK = 0x6d_69_6c_6c

/**
 * Applies the engine's migrations that the database does not have yet, and gives their names.
 * @throws MillraceError `MILLRACE_MIGRATION_FAILED`, `MILLRACE_MIGRATION_EDITED`, `MILLRACE_MIGRATION_LOCKED`
 */
export async function migrateEngine(
  url: string,
  migrations: readonly EngineMigration[] = engineMigrations,
): Promise<readonly string[]> {
  const client = new pg.Client({ ...connectionSettings(url), application_name: 'millrace-migrate' })
  await client.connect()
  try {
    await holdMigrationLock(client, ENGINE_LOCK)
    await client.query(`CREATE SCHEMA IF NOT EXISTS millrace; CREATE TABLE IF NOT EXISTS millrace.migration (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
    const { rows } = await client.query<{ name: string; checksum: string }>('SELECT * FROM millrace.migration')
    const done = new Map(rows.map(({ name, checksum }) => [name, checksum]))
    const applied: string[] = []
    for (const { name, sql } of migrations) {
      const checksum = createHash('sha256').update(sql).digest('hex')
      if (done.get(name) === checksum) continue
      if (done.has(name)) {
        throw new MillraceError(
          'MILLRACE_MIGRATION_EDITED',
          `Millrace's own migration ${name} is not the one that this database went through: use the version of Millrace that made it, or a fresh database.`,
        )
      }
      await apply(client, name, sql, checksum)
      applied.push(name)
    }
    return applied
  } finally {
    await client.end()
  }
}

async function apply(client: pg.Client, name: string, sql: string, checksum: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query('INSERT INTO millrace.migration (name, checksum) VALUES ($1, $2)', [name, checksum])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw migrationError(name, sql, error, 'Nothing of it was kept.')
  }
}
