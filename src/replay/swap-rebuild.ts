// The swap: one transaction in which the shadow tables of a rebuild become the live ones. Either all of it happens or nothing.
//
//   hold the live consumer ─▶ wait until the shadow is as far ─▶ hold the shadow ─▶ lock out readers
//     ─▶ raise every epoch ─▶ rename consumers ─▶ move tables ─▶ say which version is live
//
// Readers go on until the tables move. Every epoch rises, or a batch that was blocked meanwhile would write into the new tables
// what the rebuild has applied already.
import type { Clock } from '../consumer/clock.ts'
import type { Database, Statements } from '../database/database.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { refuseColumnDifferences } from './column-differences.ts'
import { fenceConsumers, holdConsumer, lockTables, type HeldPartition, type HoldOrder } from './hold-consumer.ts'
import { deleteConsumer, renameConsumer } from './rename-consumer.ts'
import { liveConsumer, previousConsumer, replaySchemas, shadowConsumer } from './replay-names.ts'
import { retryHeld, type Tried } from './retry-held.ts'
import { dropTables } from './shadow-tables.ts'
import { quote, sqlName, type TableName } from './table-name.ts'

export interface SwapOptions {
  readonly database: Database
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly projection: string
  /** The version that was rebuilt. */
  readonly version: number
  readonly tables: readonly TableName[]
  /** Holds the rebuild. */
  readonly owner: string
  /** Who asks, for the audit. */
  readonly actor: string
  /** How the live consumer's commits take their locks. */
  readonly order: HoldOrder
  /** How long one lock is waited for, in milliseconds; below the server's deadlock_timeout (default: 300). */
  readonly lockTimeoutMs?: number
  /** How long the live consumer is held while the shadow gets as far, in milliseconds (default: 1,500). */
  readonly catchUpMs?: number
}

/** How often a swap is tried. */
const TRIES = 40

/**
 * Swaps, trying again as a whole while others hold locks or the shadow is behind.
 * @throws MillraceError `MILLRACE_REBUILD_LOST` when somebody else holds the rebuild, `MILLRACE_TABLES_DIFFER`,
 * `MILLRACE_SWAP_BEHIND` (retriable) and `MILLRACE_DATABASE_UNAVAILABLE` (retriable) when all tries failed
 */
export function swapRebuild(options: SwapOptions): Promise<Tried> {
  return retryHeld(
    (order, closing) => options.database.transaction((statements) => swap(statements, order, closing, options)),
    {
      ...options,
      tries: TRIES,
      isDone: async () => (await readRebuild(options.database, options))?.state === 'swapped',
    },
  )
}

async function swap(
  statements: Statements,
  order: HoldOrder,
  closing: () => void,
  options: SwapOptions,
): Promise<void> {
  const { projection, version, tables, actor, owner } = options
  await statements.execute(`SET LOCAL lock_timeout = ${options.lockTimeoutMs ?? 300}`)
  const [live] = await statements.query<{ version: number; dropped: readonly TableName[] | null }>(
    'SELECT version, previous_tables AS dropped FROM millrace.live WHERE projection = $1 FOR UPDATE',
    projection,
  )
  const rebuild = await readRebuild(statements, options)
  if (live === undefined || rebuild?.owner !== owner || rebuild.state !== 'running') throw lost(projection)
  const liveId = liveConsumer(projection, live.version)
  const shadowId = shadowConsumer(projection, version)
  const previousId = previousConsumer(projection, live.version)
  const shadows = tables.map(({ table }) => ({ schema: replaySchemas.next, table }))

  const held = await holdConsumer(statements, liveId, tables, order)
  await waitForShadow(statements, shadowId, held, options)
  await holdConsumer(statements, shadowId, shadows, order)
  closing()
  await lockTables(statements, tables, 'ACCESS EXCLUSIVE')
  await refuseColumnDifferences(statements, tables, replaySchemas.next, 'Abandon the rebuild and begin anew.')

  await fenceConsumers(statements, [liveId, shadowId])
  await forgetPrevious(statements, projection, [...(live.dropped ?? []), ...tables])
  await renameConsumer(statements, liveId, previousId)
  await deleteConsumer(statements, liveConsumer(projection, version))
  await renameConsumer(statements, shadowId, liveConsumer(projection, version))
  await statements.execute(`CREATE SCHEMA IF NOT EXISTS ${replaySchemas.previous}`)
  for (const table of tables)
    await statements.execute(`ALTER TABLE ${sqlName(table)} SET SCHEMA ${replaySchemas.previous}`)
  for (const [at, shadow] of shadows.entries())
    await statements.execute(`ALTER TABLE ${sqlName(shadow)} SET SCHEMA ${quote(tables[at]?.schema ?? '')}`)
  await statements.execute(
    `UPDATE millrace.live SET version = $2::int, previous_version = $3::int, previous_tables = $4::jsonb, changed_at = now()
     WHERE projection = $1`,
    projection,
    version,
    live.version,
    JSON.stringify(tables),
  )
  await statements.execute(
    `UPDATE millrace.rebuild SET state = 'swapped', updated_at = now() WHERE projection = $1`,
    projection,
  )
  await statements.execute(
    `INSERT INTO millrace.audit (actor, action, subject) VALUES ($1, 'rebuild.swap', $2::jsonb)`,
    actor,
    JSON.stringify({ projection, from: live.version, to: version }),
  )
}

/** Each look sees what the shadow has committed by then. Nothing of the live consumer moves meanwhile. */
async function waitForShadow(
  statements: Statements,
  shadowId: string,
  held: readonly HeldPartition[],
  { clock, signal, projection, catchUpMs = 1500 }: SwapOptions,
): Promise<void> {
  const deadline = performance.now() + catchUpMs
  const wanted = JSON.stringify(held.map(({ topic, partition, next }) => ({ topic, partition, next: `${next}` })))
  for (;;) {
    const [behind] = await statements.query<{ partitions: number }>(
      `SELECT count(*)::int AS partitions FROM json_to_recordset($2::json) AS x(topic text, partition int, next bigint)
       LEFT JOIN millrace.checkpoint c ON c.consumer = $1 AND c.topic = x.topic AND c.partition = x.partition
       WHERE coalesce(c.next_offset, 0) < x.next`,
      shadowId,
      wanted,
    )
    if (behind?.partitions === 0) return
    if (signal.aborted || performance.now() > deadline) {
      throw new MillraceError(
        'MILLRACE_SWAP_BEHIND',
        `The rebuild of ${projection} is behind the live tables in ${behind?.partitions} partitions and did not get as far within ${catchUpMs} ms: the swap is tried again; if it stays, begin it when less comes in.`,
        { retriable: true },
      )
    }
    await clock.sleep(5, signal)
  }
}

/** What an earlier swap put aside gives way. */
async function forgetPrevious(statements: Statements, projection: string, tables: readonly TableName[]): Promise<void> {
  const consumers = await statements.query<{ consumer: string }>(
    `SELECT DISTINCT consumer FROM millrace.checkpoint WHERE consumer ~ ('^' || $1 || '\\.v[0-9]+\\.previous$')`,
    projection,
  )
  for (const { consumer } of consumers) await deleteConsumer(statements, consumer)
  await dropTables(statements, replaySchemas.previous, tables)
}

async function readRebuild(
  statements: Statements,
  { projection }: SwapOptions,
): Promise<{ state: string; owner: string | null } | undefined> {
  const [row] = await statements.query<{ state: string; owner: string | null }>(
    `SELECT state, detail->>'owner' AS owner FROM millrace.rebuild WHERE projection = $1`,
    projection,
  )
  return row
}

function lost(projection: string): MillraceError {
  return new MillraceError(
    'MILLRACE_REBUILD_LOST',
    `The rebuild of ${projection} is no longer in these hands: another process took it up, or it was abandoned. Nothing was swapped.`,
  )
}
