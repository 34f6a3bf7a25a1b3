// The port around the Kafka client: everything the engine asks of Kafka, in its own words, so that another client can be put
// behind it. The implementation absorbs the client's known faults; what each promise below costs is told in docs/kafkajs.md.
import type { LogRecord, NewRecord, Position, TopicPartition } from './record.ts'

/** Writes records. One send at a time goes out per producer; more are queued and may share a request. */
export interface RecordProducer {
  /**
   * Writes the records and resolves, once every in-sync replica has them (acks=all), with the position of each in the order
   * given. Rejects with a retriable MillraceError (`MILLRACE_KAFKA_UNAVAILABLE`) when the outcome is unknown or refused for
   * now: some of the records may then be on the log, and the caller sends the same ones again. `MILLRACE_RECORD_REFUSED` (not
   * retriable) names a record the brokers will never take (too large).
   */
  send(records: readonly NewRecord[]): Promise<readonly Position[]>
  close(): Promise<void>
}

export interface ProducerOptions {
  /** After how long a send without an acknowledgement rejects, in milliseconds (default: 12,000). */
  readonly sendTimeoutMs?: number
}

/** What a member of a group does; the port calls it and never lets two calls for one partition overlap. */
export interface GroupHandler {
  /**
   * Partitions were assigned. Resolves with where to start reading each; records flow only then. Partitions left out of the
   * answer stay paused. Called again for single partitions after `batch` answered `fenced`, while still a member. `signal` is
   * aborted when the assignment is over.
   */
  assigned(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<readonly Position[]>
  /**
   * Records of one partition, in order, beginning with the offset asked for (or the next that exists). Resolves when they are
   * done for good: `next` is where to read on; `fenced` says that another owner took the partition. It never rejects. The
   * group's heartbeat goes on while it runs; `signal` is aborted when the partition is lost or the member stops.
   */
  batch(batch: FetchedBatch, signal: AbortSignal): Promise<BatchOutcome>
  /** Partitions that are no longer this member's. */
  revoked(partitions: readonly TopicPartition[]): void
}

/** Records of one partition that were fetched together; control records, aborted and compacted ones are gone from it. */
export interface FetchedBatch extends TopicPartition {
  /** Where the fetch began: equal to the last `next`, or the batch is refused by the engine (I6). */
  readonly fetchedOffset: bigint
  /** Where reading goes on after this batch, even if its last records are not visible. */
  readonly nextOffset: bigint
  readonly highWatermark: bigint
  readonly records: readonly LogRecord[]
}

/** How a batch ended. */
export type BatchOutcome =
  | { readonly kind: 'committed'; readonly next: bigint }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'aborted' }
  /** The partition stays paused until the next assignment: the log is not the one that was read before. */
  | { readonly kind: 'stopped' }

export interface GroupOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly handler: GroupHandler
  /** How many partitions are worked on at once in this member (default: 4). */
  readonly partitionsAtOnce?: number
  /** A member that is silent for this long is evicted, in milliseconds (default: 10,000; at least 6,000). */
  readonly sessionTimeoutMs?: number
  /** How much one partition may bring per fetch, in bytes (default: 1 MiB). */
  readonly maxBytesPerPartition?: number
}

/** A member of a consumer group: co-partitioned topics share their assignment. */
export interface GroupMember {
  /** Resolves when the member has left the group: running batches have ended, the mirror commit is written. */
  stop(): Promise<void>
  /** Rejects when the member cannot go on (its client gave up for good). The process then ends and is started again. */
  readonly failed: Promise<never>
  /** What it owns now, with the last position told to the handler's outcome: for status, health and lag. */
  owned(): readonly Position[]
}

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

export interface TopicDescription {
  readonly name: string
  readonly partitions: number
}

/** Administration of topics and groups. */
export interface TopicAdmin {
  /**
   * Creates the topics that do not exist and waits until each partition has a leader. Existing ones are left as they are; one
   * with another number of partitions raises `MILLRACE_TOPIC_PARTITIONS`.
   */
  create(topics: readonly TopicSpec[]): Promise<void>
  describe(names?: readonly string[]): Promise<readonly TopicDescription[]>
  delete(names: readonly string[]): Promise<void>
  /** The first offset and the one after the last of every partition of a topic. */
  watermarks(topic: string): Promise<readonly { partition: number; low: bigint; high: bigint }[]>
  /** The first offset whose record is not older than the time, per partition; the high watermark where there is none. */
  offsetsAt(topic: string, timeMs: number): Promise<readonly { partition: number; offset: bigint }[]>
  /** Offsets that the group's members mirrored to Kafka; -1n where none. For lag tools only. */
  committed(groupId: string, topics: readonly string[]): Promise<readonly Position[]>
  deleteGroup(groupId: string): Promise<void>
}

/** Reads a fixed range without joining anybody's group: for verification, replay to a throwaway consumer, tail. */
export interface RangeReader {
  /** Calls back with batches of each partition from `from` (inclusive) to `to` (exclusive), then resolves. */
  read(
    ranges: readonly { topic: string; partition: number; from: bigint; to: bigint }[],
    onBatch: (batch: FetchedBatch) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>
}

/** The connection to a Kafka cluster. */
export interface KafkaPort {
  readonly admin: TopicAdmin
  readonly reader: RangeReader
  createProducer(options?: ProducerOptions): Promise<RecordProducer>
  joinGroup(options: GroupOptions): Promise<GroupMember>
  close(): Promise<void>
}
