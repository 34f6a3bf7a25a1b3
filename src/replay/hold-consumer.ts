// Holds a consumer still: no commit of it ends while this transaction lasts. Readers of its tables go on.
//
// A commit is one statement: it locks its tables, then waits for the checkpoint's row. A commit of shared rows is a transaction:
// it locks the checkpoint's row, then its tables. Whoever takes both in the other order than a commit meets it in a circle, and
// is the one to give up, because its lock timeout is shorter than the server's search for deadlocks. So the order is chosen by
// how the consumer writes, and changed from one try to the next.
import type { Statements } from '../database/database.ts'
import { sqlName, type TableName } from './table-name.ts'

export type HoldOrder = 'tables first' | 'checkpoints first'

/** A checkpoint as it is held. */
export interface HeldPartition {
  readonly topic: string
  readonly partition: number
  readonly next: bigint
}

/** Locks tables against writing and checkpoints against moving; answers the checkpoints. */
export async function holdConsumer(
  statements: Statements,
  consumer: string,
  tables: readonly TableName[],
  order: HoldOrder,
): Promise<readonly HeldPartition[]> {
  if (order === 'tables first') await lockTables(statements, tables, 'SHARE ROW EXCLUSIVE')
  const held = await statements.query<HeldPartition>(
    `SELECT topic, partition, next_offset AS next FROM millrace.checkpoint WHERE consumer = $1 ORDER BY topic, partition FOR UPDATE`,
    consumer,
  )
  if (order === 'checkpoints first') await lockTables(statements, tables, 'SHARE ROW EXCLUSIVE')
  return held
}

/** Locks tables one after the other, in the order in which commits do. */
export async function lockTables(
  statements: Statements,
  tables: readonly TableName[],
  mode: 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE',
): Promise<void> {
  for (const table of tables) await statements.execute(`LOCK TABLE ${sqlName(table)} IN ${mode} MODE`)
}

/** Raises the epochs of consumers: what any of their members has under way is refused. */
export async function fenceConsumers(statements: Statements, consumers: readonly string[]): Promise<void> {
  await statements.execute(
    `UPDATE millrace.checkpoint SET epoch = epoch + 1, starts = 0
     WHERE consumer IN (SELECT json_array_elements_text($1::text::json))`,
    JSON.stringify(consumers),
  )
}
