// Applies the user's prisma/migrations in order, with the bookkeeping of Prisma Migrate itself: `prisma migrate status` and
// `deploy` see what was done here, and the other way round. Needs no Prisma CLI, so a production image can leave it out.
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import pg from 'pg'

import { MillraceError } from '../errors/millrace-error.ts'
import { connectionSettings } from './connection-settings.ts'
import { migrationError } from './migration-error.ts'
import { holdMigrationLock } from './migration-lock.ts'

export interface MigrateOptions {
  readonly url: string
  /** The folder of migrations, one folder with a migration.sql each; applied in the order of their names. */
  readonly folder: string
  /** What to do when a migration was edited after it was applied (default: refuse). */
  readonly edited?: 'refuse' | 'ignore'
}

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

interface BookkeepingRow {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
}

/** The lock that Prisma Migrate takes. */
const PRISMA_LOCK = 72_707_369

/** The table as Prisma Migrate makes it. */
const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

/**
 * Applies the migrations that the database does not have yet, and gives their names. Runners that start at once wait for
 * each other.
 * @throws MillraceError `MILLRACE_MIGRATION_FAILED`, `MILLRACE_MIGRATION_EDITED`, `MILLRACE_MIGRATION_LOCKED`
 */
export async function migrate({ url, folder, edited = 'refuse' }: MigrateOptions): Promise<readonly string[]> {
  const migrations = await readMigrations(folder)
  const client = new pg.Client({ ...connectionSettings(url), application_name: 'millrace-migrate' })
  await client.connect()
  try {
    await holdMigrationLock(client, PRISMA_LOCK)
    await client.query(BOOKKEEPING)
    const { rows } = await client.query<BookkeepingRow>(
      'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    )
    const pending = migrations.filter((migration) => isPending(migration, rows, edited))
    for (const migration of pending) await apply(client, migration)
    return pending.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // A project without migrations has no tables of its own.
    if (error.code === 'ENOENT') return []
    throw error
  })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8').catch((cause: unknown) => {
        throw new MillraceError(
          'MILLRACE_MIGRATION_FAILED',
          `${join(folder, name)} holds no migration.sql: put the migration there or delete the folder.`,
          { cause },
        )
      })
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

function isPending(
  { name, checksum }: Migration,
  rows: readonly BookkeepingRow[],
  edited: 'refuse' | 'ignore',
): boolean {
  const row = rows.find((row) => row.migration_name === name)
  if (!row) return true
  if (!row.finished_at) {
    throw new MillraceError(
      'MILLRACE_MIGRATION_FAILED',
      `Migration ${name} failed half way earlier: mend the database, then run \`npx prisma migrate resolve --rolled-back ${name}\` (or --applied).`,
      { context: { migration: name } },
    )
  }
  if (row.checksum !== checksum && edited === 'refuse') {
    throw new MillraceError(
      'MILLRACE_MIGRATION_EDITED',
      `Migration ${name} was edited after it was applied: put the file back and write the change as a new migration.`,
      { context: { migration: name } },
    )
  }
  return false
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID()
  // Before the migration, in a transaction of its own: if this process is killed in between, the line says so.
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ])
  try {
    // One simple query is one transaction, unless the script commits by itself.
    await client.query(sql)
  } catch (error) {
    const isWhole = !/\bcommit\b/i.test(sql)
    const undone = isWhole ? ', rolled_back_at = now()' : ''
    await client
      .query(`UPDATE _prisma_migrations SET logs = $2${undone} WHERE id = $1`, [id, String(error)])
      // The connection is gone as well: the line stays open, and the next run asks for a look.
      .catch(() => undefined)
    throw migrationError(
      name,
      sql,
      error,
      isWhole ? 'Nothing of it was kept: correct it and start again.' : 'It commits by itself: see what was kept.',
    )
  }
  await client.query('UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1', [id])
}
