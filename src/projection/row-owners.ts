// Who writes a table's rows. A row is owned by one partition when every topic of the projection is co-partitioned by murmur2 and
// the row's key is, or contains, the record key: then all its events lie in partition n of those topics, which one member holds.
// That is checked for every event. The first event that breaks it makes the projection's rows shared, for all members and for
// good: the mark is written and every member is fenced before a shared row is, so that none goes on in the belief of owning.
//
//   owned ──an event breaks the rule──▶ marked (written) ──all epochs raised──▶ shared
import type { Statements } from '../database/database.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import type { Event } from '../definition/event-type.ts'
import type { RowKey, TablePlan } from './table-plan.ts'
import { keyText } from './row-key.ts'

/** Whether rows can be owned at all: partition n of each topic holds the same keys. */
export function areCoPartitioned(topics: readonly AnyTopic[]): boolean {
  const [first] = topics
  return topics.every(({ partitions, partitioner }) => partitions === first?.partitions && partitioner === 'murmur2')
}

/** Whether the row's key is, or contains, the record key. */
export function isOwnedBy({ keyColumns }: TablePlan, { values, text }: RowKey, event: Event): boolean {
  if (event.key === null) return false
  if (keyColumns.length === 1) return text === event.key
  return keyColumns.some((column, at) => keyText(column, values[at]) === event.key)
}

/** Whether the consumer's rows are marked as shared. A mark whose writer died half-way is completed first. */
export async function readShared(statements: Statements, consumer: string): Promise<boolean> {
  const [mark] = await statements.query<{ is_fenced: boolean }>(
    'SELECT is_fenced FROM millrace.shared_rows WHERE consumer = $1',
    consumer,
  )
  if (mark === undefined) return false
  if (!mark.is_fenced) await fenceAll(statements, consumer)
  return true
}

/** Marks the consumer's rows as shared and fences every member that does not know, this one included. */
export async function markShared(statements: Statements, consumer: string): Promise<void> {
  // Committed before the epochs rise: whoever takes a partition from then on reads the mark, and whoever had it is fenced.
  await statements.execute(
    'INSERT INTO millrace.shared_rows (consumer, is_fenced) VALUES ($1, false) ON CONFLICT (consumer) DO NOTHING',
    consumer,
  )
  await fenceAll(statements, consumer)
}

async function fenceAll(statements: Statements, consumer: string): Promise<void> {
  await statements.query(
    `WITH held AS (SELECT topic, partition FROM millrace.checkpoint WHERE consumer = $1 ORDER BY topic, partition FOR UPDATE),
     fenced AS (UPDATE millrace.checkpoint c SET epoch = c.epoch + 1 FROM held
       WHERE c.consumer = $1 AND c.topic = held.topic AND c.partition = held.partition RETURNING 1)
     UPDATE millrace.shared_rows SET is_fenced = true WHERE consumer = $1 AND (SELECT count(*) FROM fenced) >= 0 RETURNING consumer`,
    consumer,
  )
}
