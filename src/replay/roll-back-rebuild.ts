// The way back from a swap: what it put aside and what is live change places, in one transaction. The version that comes back goes
// on from its own checkpoint, so it applies from the log what happened since. A roll-back of a roll-back is a swap again.
import type { Clock } from '../consumer/clock.ts'
import type { Database, Statements } from '../database/database.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { refuseColumnDifferences } from './column-differences.ts'
import { fenceConsumers, holdConsumer, lockTables, type HoldOrder } from './hold-consumer.ts'
import { deleteConsumer, renameConsumer } from './rename-consumer.ts'
import { liveConsumer, previousConsumer, replaySchemas } from './replay-names.ts'
import { retryHeld, type Tried } from './retry-held.ts'
import { dropTables } from './shadow-tables.ts'
import { quote, sqlName, type TableName } from './table-name.ts'

export interface RollBackOptions {
  readonly database: Database
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly projection: string
  /** Who asks, for the audit. */
  readonly actor: string
  /** How the live consumer's commits take their locks. */
  readonly order: HoldOrder
  /** How long one lock is waited for, in milliseconds; below the server's deadlock_timeout (default: 300). */
  readonly lockTimeoutMs?: number
}

interface LiveRow {
  readonly version: number
  readonly previous: number
  readonly tables: readonly TableName[]
  readonly revision: bigint
}

const TRIES = 40

/**
 * Rolls back, trying again as a whole while others hold locks.
 * @throws MillraceError `MILLRACE_PREVIOUS_MISSING`, `MILLRACE_REBUILD_RUNS`, `MILLRACE_TABLES_DIFFER`
 */
export async function rollBackRebuild(options: RollBackOptions): Promise<Tried & { readonly version: number }> {
  const { database, projection } = options
  const { previous, revision } = await readLive(database, projection)
  const tried = await retryHeld(
    (order, closing) => database.transaction((statements) => rollBack(statements, order, closing, options)),
    {
      ...options,
      tries: TRIES,
      isDone: async () => (await readLive(database, projection)).revision > revision,
    },
  )
  return { ...tried, version: previous }
}

/**
 * Drops what the last swap or roll-back put aside.
 * @throws MillraceError `MILLRACE_PREVIOUS_MISSING`
 */
export async function dropPrevious(database: Database, projection: string, actor: string): Promise<void> {
  await database.transaction(async (statements) => {
    const { previous, tables } = await readLive(statements, projection, true)
    await deleteConsumer(statements, previousConsumer(projection, previous))
    await dropTables(statements, replaySchemas.previous, tables)
    await statements.execute(
      `UPDATE millrace.live SET previous_version = NULL, previous_tables = NULL WHERE projection = $1`,
      projection,
    )
    await audit(statements, actor, 'rebuild.drop-previous', { projection, version: previous })
  })
}

async function rollBack(
  statements: Statements,
  order: HoldOrder,
  closing: () => void,
  { projection, actor, lockTimeoutMs = 300 }: RollBackOptions,
): Promise<void> {
  await statements.execute(`SET LOCAL lock_timeout = ${lockTimeoutMs}`)
  const { version, previous, tables } = await readLive(statements, projection, true)
  await refuseOpenRebuild(statements, projection)
  const liveId = liveConsumer(projection, version)
  const previousId = previousConsumer(projection, previous)

  await holdConsumer(statements, liveId, tables, order)
  closing()
  await lockTables(statements, tables, 'ACCESS EXCLUSIVE')
  await refuseColumnDifferences(
    statements,
    tables,
    replaySchemas.previous,
    'What was put aside does not fit any more: rebuild with the earlier definition instead.',
  )
  await fenceConsumers(statements, [liveId, previousId])
  const movingId = `${liveId}.moving`
  await renameConsumer(statements, liveId, movingId)
  await deleteConsumer(statements, liveConsumer(projection, previous))
  await renameConsumer(statements, previousId, liveConsumer(projection, previous))
  await renameConsumer(statements, movingId, previousConsumer(projection, version))
  await exchangeTables(statements, tables)
  await statements.execute(
    `UPDATE millrace.live SET version = $2::int, previous_version = $3::int, revision = revision + 1, changed_at = now()
     WHERE projection = $1`,
    projection,
    previous,
    version,
  )
  await statements.execute(
    `UPDATE millrace.rebuild SET state = 'rolled-back', updated_at = now() WHERE projection = $1`,
    projection,
  )
  await audit(statements, actor, 'rebuild.rollback', { projection, from: version, to: previous })
}

async function exchangeTables(statements: Statements, tables: readonly TableName[]): Promise<void> {
  const { previous, moving } = replaySchemas
  await statements.execute(`CREATE SCHEMA IF NOT EXISTS ${moving}`)
  for (const live of tables) {
    const { table } = live
    await statements.execute(`ALTER TABLE ${sqlName(live)} SET SCHEMA ${moving}`)
    await statements.execute(`ALTER TABLE ${sqlName({ schema: previous, table })} SET SCHEMA ${quote(live.schema)}`)
    await statements.execute(`ALTER TABLE ${sqlName({ schema: moving, table })} SET SCHEMA ${previous}`)
  }
}

async function readLive(statements: Statements, projection: string, isLocked = false): Promise<LiveRow> {
  const [row] = await statements.query<{ [Key in keyof LiveRow]: LiveRow[Key] | null }>(
    `SELECT version, previous_version AS previous, previous_tables AS tables, revision FROM millrace.live
     WHERE projection = $1${isLocked ? ' FOR UPDATE' : ''}`,
    projection,
  )
  const { version, previous, tables, revision } = row ?? {}
  if (typeof version !== 'number' || typeof previous !== 'number' || !tables || typeof revision !== 'bigint') {
    throw new MillraceError(
      'MILLRACE_PREVIOUS_MISSING',
      `Nothing of ${projection} was put aside: it was never swapped, or the earlier tables were dropped.`,
    )
  }
  return { version, previous, tables, revision }
}

async function refuseOpenRebuild(statements: Statements, projection: string): Promise<void> {
  const [open] = await statements.query(
    `SELECT 1 AS open FROM millrace.rebuild WHERE projection = $1 AND state IN ('running', 'paused')`,
    projection,
  )
  if (open === undefined) return
  throw new MillraceError(
    'MILLRACE_REBUILD_RUNS',
    `A rebuild of ${projection} is under way: let it end, or drop it with \`millrace rebuild ${projection} --abandon\`, then roll back.`,
  )
}

async function audit(statements: Statements, actor: string, action: string, subject: object): Promise<void> {
  await statements.execute(
    'INSERT INTO millrace.audit (actor, action, subject) VALUES ($1, $2, $3::jsonb)',
    actor,
    action,
    JSON.stringify(subject),
  )
}
