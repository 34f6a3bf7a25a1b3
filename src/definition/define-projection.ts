// A projection: events folded into tables. The engine writes the rows of a batch and the checkpoint in one atomic statement.
import type { AnyTopic, EventNameOf } from './define-topic.ts'
import type { AnyTable, OnlyKnown, Tables } from './table.ts'

export interface ProjectionOptions<Topics extends AnyTopic, Ignored extends string, T = Tables<Topics, Ignored>> {
  /** Kebab case, the name of the file; part of the consumer group and of the checkpoint. */
  readonly name: string
  /** Raise it when the fold changes, then run `millrace rebuild <name>` (default: 1). */
  readonly version?: number
  /** The topics it reads, from their beginning. */
  readonly from: readonly Topics[]
  /** Event names of those topics that this projection has no use for. Any other event without a handler is parked. */
  readonly ignore?: readonly Ignored[]
  /** One fold per model of prisma/schema.prisma that this projection owns. */
  readonly tables: T
}

/** A projection's definition. */
export interface Projection {
  readonly kind: 'projection'
  readonly name: string
  readonly version: number
  readonly from: readonly AnyTopic[]
  readonly ignore: readonly string[]
  readonly tables: Readonly<Record<string, AnyTable>>
}

/** Defines a projection. Inert: nothing is read or written. */
export function defineProjection<
  Topics extends AnyTopic,
  const Ignored extends EventNameOf<Topics> = never,
  const T extends Tables<Topics, Ignored> = Tables<Topics, Ignored>,
>(options: ProjectionOptions<Topics, Ignored, T & OnlyKnown<T, Exclude<EventNameOf<Topics>, Ignored>>>): Projection {
  return Object.freeze({
    kind: 'projection',
    name: options.name,
    version: options.version ?? 1,
    from: options.from,
    ignore: options.ignore ?? [],
    tables: options.tables,
  })
}
