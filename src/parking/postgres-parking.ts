// Reads millrace.parked for the owner of partitions: which keys wait, and which events are asked for or due. Rows are written
// by commits only, under the fence.
import type { Statements } from '../database/database.ts'
import type { LogRecord, TopicPartition } from '../kafka/record.ts'
import type { ParkedEvent, ParkedStatus } from './parked-event.ts'

interface ParkedRow {
  readonly topic: string
  readonly partition: number
  readonly record_offset: bigint
  readonly record_key: Uint8Array | null
  readonly record_value: Uint8Array | null
  readonly record_headers: Readonly<Record<string, string>>
  readonly record_timestamp: bigint
  readonly status: ParkedStatus
  readonly attempts: number
  readonly due_at: Date | null
}

/** How many events of parked keys one partition holds, by key. */
export interface ParkedKeyCount extends TopicPartition {
  readonly key: Buffer
  readonly count: number
  /** The first event of the key is only `behind`: whoever was before it is gone, and nobody has taken up the rest yet. */
  readonly orphaned: boolean
}

const COLUMNS = `p.topic, p.partition, p.record_offset, p.record_key, p.record_value, p.record_headers, p.record_timestamp, p.status, p.attempts, p.due_at`
const REQUESTED = `(p.status IN ('redrive', 'discard') OR (p.status = 'waiting' AND p.due_at <= $3::timestamptz))`

/** How much of them is loaded at once, in bytes; the first one always is. Five hundred records may be a gigabyte. */
const MOST_BYTES = 8 * 1024 * 1024

/** The first of the parked events that `chosen` selects in order of offset, as many as may be held in memory. */
function bounded(chosen: string): string {
  return `SELECT ${COLUMNS} FROM (
    SELECT p.*, sum(p.size) OVER (ORDER BY p.record_offset) - p.size AS before FROM (
      SELECT ${COLUMNS}, coalesce(octet_length(p.record_value), 0) + octet_length(p.record_headers::text) AS size
      FROM millrace.parked p WHERE ${chosen}) p) p
    WHERE p.before < ${MOST_BYTES} ORDER BY p.record_offset`
}

export class PostgresParking {
  readonly #database: Statements
  readonly #consumer: string

  constructor(database: Statements, consumer: string) {
    this.#database = database
    this.#consumer = consumer
  }

  /** The keys with parked events of partitions. */
  async loadKeys(partitions: readonly TopicPartition[]): Promise<readonly ParkedKeyCount[]> {
    const rows = await this.#database.query<{
      topic: string
      partition: number
      record_key: Uint8Array
      count: number
      first: string
    }>(
      `SELECT p.topic, p.partition, p.record_key, count(*)::int AS count,
         (array_agg(p.status ORDER BY p.record_offset))[1] AS first
       FROM millrace.parked p JOIN json_to_recordset($2::json) AS x(topic text, partition int) USING (topic, partition)
       WHERE p.consumer = $1 AND p.record_key IS NOT NULL GROUP BY 1, 2, 3`,
      this.#consumer,
      JSON.stringify(partitions.map(({ topic, partition }) => ({ topic, partition }))),
    )
    return rows.map(({ topic, partition, record_key: key, count, first }) => ({
      topic,
      partition,
      key: Buffer.from(key),
      count,
      orphaned: first === 'behind',
    }))
  }

  /** The partitions among these that have an event to redrive, to discard or due. */
  async findRequested(partitions: readonly TopicPartition[], now: Date): Promise<readonly TopicPartition[]> {
    return this.#database.query<TopicPartition>(
      `SELECT DISTINCT p.topic, p.partition FROM millrace.parked p
       JOIN json_to_recordset($2::json) AS x(topic text, partition int) USING (topic, partition)
       WHERE p.consumer = $1 AND ${REQUESTED}`,
      this.#consumer,
      JSON.stringify(partitions.map(({ topic, partition }) => ({ topic, partition }))),
      now,
    )
  }

  /** The first events of one partition that are to be redriven, discarded or due, in order of offset. */
  async loadRequested({ topic, partition }: TopicPartition, now: Date, limit: number): Promise<readonly ParkedEvent[]> {
    const rows = await this.#database.query<ParkedRow>(
      bounded(
        `p.consumer = $1 AND p.topic = $2 AND p.partition = $4 AND ${REQUESTED} ORDER BY p.record_offset LIMIT $5`,
      ),
      this.#consumer,
      topic,
      now,
      partition,
      limit,
    )
    return rows.map(readParked)
  }

  /** The first events of one key, in order of offset. */
  async loadKey({ topic, partition }: TopicPartition, key: Buffer, limit: number): Promise<readonly ParkedEvent[]> {
    const rows = await this.#database.query<ParkedRow>(
      bounded(
        `p.consumer = $1 AND p.topic = $2 AND p.partition = $3
         AND sha256(p.record_key) = sha256($4::bytea) AND p.record_key = $4::bytea ORDER BY p.record_offset LIMIT $5`,
      ),
      this.#consumer,
      topic,
      partition,
      key,
      limit,
    )
    return rows.map(readParked)
  }
}

function readParked(row: ParkedRow): ParkedEvent {
  // Without a prototype: a header may be called `__proto__`.
  const headers = Object.create(null) as Record<string, Buffer>
  for (const [name, value] of Object.entries(row.record_headers)) headers[name] = Buffer.from(value, 'base64')
  const record: LogRecord = {
    topic: row.topic,
    partition: row.partition,
    offset: row.record_offset,
    timestamp: Number(row.record_timestamp),
    key: row.record_key === null ? null : Buffer.from(row.record_key),
    value: row.record_value === null ? null : Buffer.from(row.record_value),
    headers,
  }
  return { record, status: row.status, attempts: row.attempts, dueAt: row.due_at }
}
