// What makes a projection, a worker or a processor of the common engine. The engine does the intake (repeats, parked keys,
// partition, type, decoding), the fence, the commit, attempts, outages and parking; a strategy does the work for the events.
import type { Contribution } from '../checkpoint/commit-statement.ts'
import type { Statements } from '../database/database.ts'
import type { TopicPartition } from '../kafka/record.ts'
import type { Delivery } from './entry.ts'
import type { SliceDraft } from './slice-draft.ts'

/** Events of one partition that are run and committed together, in order of offset. */
export interface Slice extends TopicPartition {
  readonly deliveries: readonly Delivery[]
  /**
   * Takes the verdict on each delivery, exactly one: `draft.goesBehind(delivery)` is asked right before the event runs and ends
   * it when true; otherwise `draft.apply(delivery)` or `draft.park(delivery, why)`. Per key in order of offset.
   */
  readonly draft: SliceDraft
  /** Where the rows are read: the database, or the transaction that holds the checkpoint. */
  readonly statements: Statements
  /** The slice runs inside a transaction, because a run before it answered `shared`. */
  readonly inTransaction: boolean
  /** Aborted when the partition is lost or the member stops. */
  readonly signal: AbortSignal
}

/** What a slice's work came to. */
export type Work =
  /** Commit the draft with these values for the strategy's contributions, in their order. */
  | { readonly kind: 'done'; readonly values: readonly unknown[] }
  /** Its rows are written by other partitions too: run it again inside a transaction. The draft is thrown away. */
  | { readonly kind: 'shared' }
  /** The signal was aborted before all deliveries had their verdict: nothing is committed. */
  | { readonly kind: 'aborted' }

export interface Strategy {
  /** How many records are run and committed together at most. */
  readonly sliceSize: number
  /** What the strategy writes in the statement of the commit. */
  readonly contributions: readonly Contribution[]
  /** Whether events of a type are run, passed over because the definition ignores them, or parked because it does not name them. */
  treatment(eventType: string): 'run' | 'ignore' | 'unnamed'
  /** Told after partitions were taken over, before their first record; rejects like `run`. */
  claimed?(partitions: readonly TopicPartition[]): Promise<void>
  /**
   * Does the work for the events of a slice. It may be called again for the same slice: after an outage, or in halves to find
   * the one event whose data the database refuses. Rejects with a retriable error when an outage is in the way: the engine
   * waits and calls again. It never throws because of an event: that is a verdict.
   */
  run(slice: Slice): Promise<Work>
}
