// A processor: events to events. It may keep rows of its own (state), folded like a projection's and written with the checkpoint.
import type { AnyTopic, EventNamed, EventNameOf, EventsOf } from './define-topic.ts'
import type { Emission } from './send.ts'
import type { AnyTable, ModelName, RowOf, Tables } from './table.ts'

/** What a processor's handler sees beside the event. */
export interface ProcessorContext {
  /**
   * The row of one of this processor's state models, after the fold of the event in hand: of the key that the model's `key`
   * gives for this event. Null where the event has no row in that model, or the fold deleted it.
   */
  state<M extends ModelName>(model: M): RowOf<M> | null
}

export interface ProcessorOptions<Topics extends AnyTopic, To extends AnyTopic, Ignored extends string> {
  /** Kebab case, the name of the file; part of the consumer group, of the checkpoint and of the ids of its output events. */
  readonly name: string
  /** Raise it when the state's fold changes (default: 1). */
  readonly version?: number
  /** The topics it reads, from their beginning. */
  readonly from: readonly Topics[]
  /** The topics it may send to. */
  readonly to: readonly To[]
  /** Event names of `from` that it has no use for. Any other event without a handler is parked. */
  readonly ignore?: readonly Ignored[]
  /** Rows kept by this processor, one fold per model. The topics that feed a row must be co-partitioned. */
  readonly state?: Tables<Topics, Ignored>
  /** One pure function per event name: what to send. Output ids derive from the input's, so a repeat sends the same. */
  readonly on: {
    readonly [Name in Exclude<EventNameOf<Topics>, Ignored>]: (
      event: EventNamed<Topics, Name>,
      context: ProcessorContext,
    ) => readonly Emission<To>[]
  }
}

/** A processor's definition. */
export interface Processor {
  readonly kind: 'processor'
  readonly name: string
  readonly version: number
  readonly from: readonly AnyTopic[]
  readonly to: readonly AnyTopic[]
  readonly ignore: readonly string[]
  readonly state: Readonly<Record<string, AnyTable>>
  readonly on: Readonly<Record<string, ((event: never, context: ProcessorContext) => readonly Emission[]) | undefined>>
}

/** Defines a processor. Inert: nothing is read or sent. */
export function defineProcessor<
  Topics extends AnyTopic,
  To extends AnyTopic,
  const Ignored extends EventsOf<Topics>['type'] = never,
>(options: ProcessorOptions<Topics, To, Ignored>): Processor {
  return Object.freeze({
    kind: 'processor',
    name: options.name,
    version: options.version ?? 1,
    from: options.from,
    to: options.to,
    ignore: options.ignore ?? [],
    state: options.state ?? {},
    on: options.on,
  })
}
