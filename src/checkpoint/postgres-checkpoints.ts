// Checkpoints in Postgres: taking partitions, committing under the fence, and reading back when nobody knows what became of a
// commit. Every write is a compare-and-set on (revision, epoch). Errors are passed on as the client throws them.
import type { Database, Statements } from '../database/database.ts'
import type { TopicPartition } from '../kafka/record.ts'
import type { Advance, Checkpoint, Fence } from './checkpoint.ts'
import { FencedError } from './fenced-error.ts'
import type { IdRow } from './id-log.ts'

interface CheckpointRow {
  readonly topic: string
  readonly partition: number
  readonly next_offset: string
  readonly revision: string
  readonly epoch: string
  readonly starts: number
  readonly trying_offset: string | null
  readonly trying_attempts: number
  readonly last_offset: string | null
  readonly last_timestamp: string | null
  readonly last_event_id: string | null
}

/** The checkpoints of one consumer. */
export class PostgresCheckpoints {
  readonly #database: Database
  readonly #consumer: string
  readonly #statement: string
  readonly #now: () => Date

  /**
   * @param consumer `<name>.v<version>`
   * @param statement made by `buildCommitStatement`
   */
  constructor(database: Database, consumer: string, statement: string, now: () => Date) {
    this.#database = database
    this.#consumer = consumer
    this.#statement = statement
    this.#now = now
  }

  /**
   * Takes partitions over in one statement: their epochs rise, and whoever held them before can commit no more (I3, I5). Takes
   * none for a version of a projection that is not the live one. The lock on that word holds off a swap: without it a member
   * that waits for the swap would find its checkpoints renamed, make new ones and write from offset 0 into the new tables.
   */
  async claim(partitions: readonly TopicPartition[]): Promise<readonly Checkpoint[]> {
    const wanted = JSON.stringify(partitions.map(({ topic, partition }) => ({ topic, partition })))
    // In one order, so that two members that take the same partitions cannot block each other.
    const rows = await this.#database.query<CheckpointRow>(
      `WITH live AS MATERIALIZED (
         SELECT l.projection || '.v' || l.version AS consumer FROM millrace.live l
         WHERE l.projection = regexp_replace($1, '\\.v[0-9]+$', '') FOR SHARE)
       INSERT INTO millrace.checkpoint (consumer, topic, partition, epoch, starts)
       SELECT $1, x.topic, x.partition, 1, 1 FROM json_to_recordset($2::json) AS x(topic text, partition int)
       WHERE NOT EXISTS (SELECT FROM live WHERE live.consumer <> $1) ORDER BY 2, 3
       ON CONFLICT (consumer, topic, partition) DO UPDATE SET epoch = checkpoint.epoch + 1, starts = checkpoint.starts + 1
       RETURNING topic, partition, next_offset::text, revision::text, epoch::text, starts, trying_offset::text, trying_attempts,
         last_offset::text, last_timestamp::text, last_event_id`,
      this.#consumer,
      wanted,
    )
    return rows.map(readCheckpoint)
  }

  /** The ids of the windows of partitions, in order of offset. */
  async loadIds(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, readonly IdRow[]>> {
    const rows = await this.#database.query<{
      topic: string
      partition: number
      first_offset: bigint
      last_offset: bigint
      ids: Uint8Array
    }>(
      `SELECT e.topic, e.partition, e.first_offset, e.last_offset, e.ids FROM millrace.event_ids e
       JOIN json_to_recordset($2::json) AS x(topic text, partition int) USING (topic, partition)
       WHERE e.consumer = $1 ORDER BY e.topic, e.partition, e.first_offset`,
      this.#consumer,
      JSON.stringify(partitions.map(({ topic, partition }) => ({ topic, partition }))),
    )
    const found = new Map<string, IdRow[]>()
    for (const { topic, partition, first_offset: firstOffset, last_offset: lastOffset, ids } of rows) {
      const name = `${topic}[${partition}]`
      const list = found.get(name) ?? []
      list.push({ firstOffset, lastOffset, ids })
      found.set(name, list)
    }
    return found
  }

  /**
   * Commits: moves the checkpoint and writes the contributions' rows, or nothing.
   * @param contributed the values of the contributions, in the order of the statement
   * @throws FencedError when (revision, epoch) is not what the fence expects
   */
  async commit(
    client: Statements,
    fence: Fence,
    { next, last, counts }: Advance,
    contributed: readonly unknown[],
  ): Promise<void> {
    const rows = await client.query<{ fenced: number }>(
      this.#statement,
      this.#consumer,
      fence.topic,
      fence.partition,
      fence.revision,
      fence.epoch,
      next,
      last?.offset ?? null,
      last === null ? null : BigInt(last.timestamp),
      last?.eventId ?? null,
      counts.applied,
      counts.repeated,
      counts.filtered,
      counts.parked,
      this.#now(),
      ...contributed,
    )
    if (rows[0]?.fenced !== 1) throw new FencedError(this.#consumer, fence)
  }

  /**
   * Runs `work` in a transaction that holds the checkpoint, for rows that other partitions write too. Time is bounded by the
   * server only. `work` ends with `commit` on the client it is given.
   */
  transaction<Result>(fence: Fence, work: (client: Statements) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(async (client) => {
      const held = await client.query<unknown>(
        `SELECT 1 AS held FROM millrace.checkpoint
           WHERE consumer = $1 AND topic = $2 AND partition = $3 AND revision = $4 AND epoch = $5 FOR UPDATE`,
        this.#consumer,
        fence.topic,
        fence.partition,
        fence.revision,
        fence.epoch,
      )
      if (held.length !== 1) throw new FencedError(this.#consumer, fence)
      return work(client)
    })
  }

  /** Counts an attempt of the record at `offset` before it runs, and answers how many there were (this one included). */
  async countAttempt(fence: Fence, offset: bigint): Promise<number> {
    const rows = await this.#database.query<{ trying_attempts: number }>(
      `UPDATE millrace.checkpoint SET revision = revision + 1, trying_offset = $6,
         trying_attempts = CASE WHEN trying_offset = $6 THEN trying_attempts + 1 ELSE 1 END
       WHERE consumer = $1 AND topic = $2 AND partition = $3 AND revision = $4 AND epoch = $5 RETURNING trying_attempts`,
      this.#consumer,
      fence.topic,
      fence.partition,
      fence.revision,
      fence.epoch,
      offset,
    )
    const attempts = rows[0]?.trying_attempts
    if (attempts === undefined) throw new FencedError(this.#consumer, fence)
    return attempts
  }

  /** Where a partition's checkpoint stands now, to learn what became of a commit whose answer was lost (I8). */
  async readBack({ topic, partition }: TopicPartition): Promise<Pick<Fence, 'revision' | 'epoch'> | null> {
    const rows = await this.#database.query<{ revision: bigint; epoch: bigint }>(
      'SELECT revision, epoch FROM millrace.checkpoint WHERE consumer = $1 AND topic = $2 AND partition = $3',
      this.#consumer,
      topic,
      partition,
    )
    return rows[0] ?? null
  }
}

function readCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    topic: row.topic,
    partition: row.partition,
    next: BigInt(row.next_offset),
    revision: BigInt(row.revision),
    epoch: BigInt(row.epoch),
    starts: row.starts,
    tryingOffset: row.trying_offset === null ? null : BigInt(row.trying_offset),
    tryingAttempts: row.trying_attempts,
    last:
      row.last_offset === null
        ? null
        : {
            offset: BigInt(row.last_offset),
            timestamp: Number(row.last_timestamp),
            eventId: row.last_event_id ?? '',
          },
  }
}
