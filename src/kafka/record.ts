// A record as it lies on the log, in the words of this project. No type of the Kafka client leaves src/kafka/.

/** One record read from a topic. */
export interface LogRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** Produce time in milliseconds since 1970, as the broker has it; -1 is none. */
  readonly timestamp: number
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
  /** The first value of each header. */
  readonly headers: Readonly<Record<string, Buffer | undefined>>
}

/** One record to be written. The partition is decided by the caller, so that its position is known. */
export interface NewRecord {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A position in the log: the record at `offset`, or the place where the next one will lie. */
export interface Position extends TopicPartition {
  readonly offset: bigint
}
