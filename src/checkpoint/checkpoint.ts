// What the engine knows of one partition's checkpoint, and what a commit moves.
import type { TopicPartition } from '../kafka/record.ts'

/** A partition's checkpoint as it was taken over: reading goes on at `next`, writing under (revision, epoch). */
export interface Checkpoint extends TopicPartition {
  readonly next: bigint
  readonly revision: bigint
  readonly epoch: bigint
  /** Epochs taken since the last progress, this one included. */
  readonly starts: number
  readonly tryingOffset: bigint | null
  readonly tryingAttempts: number
  readonly last: LastRecord | null
}

/** The last record below `next`, to know the log again by. */
export interface LastRecord {
  readonly offset: bigint
  readonly timestamp: number
  readonly eventId: string
}

/** What a compare-and-set expects to find. */
export interface Fence extends TopicPartition {
  readonly revision: bigint
  readonly epoch: bigint
}

/** What became of the records that a commit passes; their sum is the number of visible records it passes (I15). */
export interface Counts {
  readonly applied: number
  readonly repeated: number
  readonly filtered: number
  readonly parked: number
}

/** Where a commit moves the checkpoint. */
export interface Advance {
  readonly next: bigint
  readonly last: LastRecord | null
  readonly counts: Counts
}
