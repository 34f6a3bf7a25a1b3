// Everything a project defines, loaded and sorted by kind: what the roles are started with.
import type { Processor } from './define-processor.ts'
import type { Producer } from './define-producer.ts'
import type { Projection } from './define-projection.ts'
import type { Query } from './define-query.ts'
import type { AnyTopic } from './define-topic.ts'
import type { Worker } from './define-worker.ts'

/** A consumer is a definition with a group, a checkpoint and parked events of its own. */
export type Consumer = Projection | Processor | Worker

/** A definition of any kind. */
export type Definition = AnyTopic | Producer | Consumer | Query

/** The definitions of a project. */
export interface Definitions {
  readonly topics: readonly AnyTopic[]
  readonly producers: readonly Producer[]
  readonly projections: readonly Projection[]
  readonly processors: readonly Processor[]
  readonly workers: readonly Worker[]
  readonly queries: readonly Query[]
}
