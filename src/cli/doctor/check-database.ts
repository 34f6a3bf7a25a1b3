// Looks at Postgres: does it answer, and has it every migration, the engine's and the project's?
import { readdir } from 'node:fs/promises'
import { engineMigrations } from '../../database/engine-migrations.ts'
import type { Statements } from '../../database/database.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Finding } from './finding.ts'

interface ProjectMigrationRow {
  readonly name: string
  readonly finished: boolean
}

/** @param folder the project's prisma/migrations */
export async function checkDatabase(database: Statements, folder: string): Promise<readonly Finding[]> {
  let version: string
  try {
    const [row] = await database.query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
    version = row?.version ?? 'unknown'
  } catch (error) {
    const reason = messageOf(error)
    const fix = 'start Postgres, or correct DATABASE_URL'
    return [{ subject: 'postgres', state: 'fail', detail: `it does not answer: ${reason}`, fix }]
  }
  const exists = await existingTables(database)
  const engine = exists.has('millrace.migration')
    ? await database.query<{ name: string }>('SELECT name FROM millrace.migration')
    : []
  const own = exists.has('_prisma_migrations')
    ? await database.query<ProjectMigrationRow>(
        'SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL',
      )
    : []
  return [
    { subject: 'postgres', state: 'ok', detail: `reached; version ${version}` },
    checkEngine(new Set(engine.map(({ name }) => name))),
    checkProject(await migrationsIn(folder), own),
  ]
}

async function existingTables(database: Statements): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ name: string }>(
    `SELECT name FROM (VALUES ('millrace.migration'), ('_prisma_migrations')) AS x(name) WHERE to_regclass(name) IS NOT NULL`,
  )
  return new Set(rows.map(({ name }) => name))
}

function checkEngine(applied: ReadonlySet<string>): Finding {
  const subject = 'engine tables'
  const pending = engineMigrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name)
  const foreign = [...applied].filter((name) => !engineMigrations.some((each) => each.name === name))
  if (foreign.length > 0) {
    const detail = `the database was migrated by another version of Millrace: ${foreign.join(', ')}`
    return { subject, state: 'fail', detail, fix: 'use the version that made them, or a newer one' }
  }
  return pending.length === 0
    ? { subject, state: 'ok', detail: `${applied.size} migrations are applied` }
    : { subject, state: 'fail', detail: `pending: ${pending.join(', ')}`, fix: 'run `millrace migrate`' }
}

function checkProject(names: readonly string[], rows: readonly ProjectMigrationRow[]): Finding {
  const subject = 'prisma/migrations'
  const broken = rows.filter(({ finished }) => !finished).map(({ name }) => name)
  if (broken.length > 0) {
    const fix = 'mend the database, then `npx prisma migrate resolve --rolled-back <name>` (or --applied)'
    return { subject, state: 'fail', detail: `failed half way: ${broken.join(', ')}`, fix }
  }
  const applied = new Set(rows.map(({ name }) => name))
  const pending = names.filter((name) => !applied.has(name))
  if (pending.length > 0)
    return { subject, state: 'fail', detail: `pending: ${pending.join(', ')}`, fix: 'run `millrace migrate`' }
  const foreign = [...applied].filter((name) => !names.includes(name))
  if (foreign.length > 0) {
    const detail = `the database has migrations that are not in the folder: ${foreign.join(', ')}`
    return { subject, state: 'warn', detail, fix: 'check out the version of the project that has them' }
  }
  return { subject, state: 'ok', detail: `${applied.size} migrations are applied` }
}

async function migrationsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}
