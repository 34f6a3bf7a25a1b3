// A topic: which events it carries in one order, by which field they are keyed, over how many partitions.
import type { AnyEventType, DataOf, Event, EventType, Tombstone } from './event-type.ts'

/** Names of the string fields that every event of the topic has. */
export type KeyField<E> = {
  [Field in keyof DataOf<E> & string]: DataOf<E> extends Record<Field, string> ? Field : never
}[keyof DataOf<E> & string]

/** What becomes of a topic's old records. */
export type Cleanup = 'delete' | 'compact'

export interface TopicOptions<E extends AnyEventType, C extends Cleanup = Cleanup> {
  /** `domain.entity` in lower case; the app's topic prefix is put before it. */
  readonly name: string
  /** The field whose value is the record key: events with equal keys keep their order. Every event of the topic has it. */
  readonly key: KeyField<E>
  /** How many partitions, from 1 to 1,000; it never changes silently (default: 12). */
  readonly partitions?: number
  /** The event types that share this topic because their order matters; in generated code. */
  readonly events: readonly E[]
  /** `delete` keeps events for ever unless `retentionMs` is set; `compact` keeps the last of each key (default: `delete`). */
  readonly cleanup?: C
  /** How long records are kept, in milliseconds (default: for ever). Not for compacted topics. */
  readonly retentionMs?: number
  /**
   * Which partition a foreign producer must have chosen: `murmur2`, Java's and kafkajs's, is checked and a record elsewhere
   * is parked; `any` takes records where they lie, and gives up the promise of order per key over all producers
   * (default: `murmur2`).
   */
  readonly partitioner?: 'murmur2' | 'any'
}

/** A topic's definition. */
export interface Topic<E extends AnyEventType = AnyEventType, C extends Cleanup = Cleanup> {
  readonly kind: 'topic'
  readonly name: string
  readonly key: string
  readonly partitions: number
  readonly events: readonly E[]
  readonly cleanup: C
  readonly retentionMs: number | null
  readonly partitioner: 'murmur2' | 'any'
}

/** Any topic, where its events do not matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- see AnyEventType.
export type AnyTopic = Topic<any>

/** The events that can be read from a topic. */
export type EventsOf<T> =
  T extends Topic<infer E> ? (E extends EventType<infer Name, infer Data> ? Event<Name, Data> : never) : never

/** The tombstones that can be read from a topic: only a compacted one has any. */
export type TombstonesOf<T> = T extends { readonly cleanup: infer C }
  ? 'compact' extends C
    ? Tombstone
    : never
  : never

/** The names of the events of a topic. */
export type EventNameOf<T> = EventsOf<T>['type']

/** One event of a topic by its name, a tombstone included. */
export type EventNamed<T, Name extends string> = Name extends 'Tombstone'
  ? Tombstone
  : Extract<EventsOf<T>, { type: Name }>

/** Defines a topic. Inert: nothing is created or connected. */
export function defineTopic<const E extends AnyEventType, const C extends Cleanup = 'delete'>(
  options: TopicOptions<E, C>,
): Topic<E, C> {
  return Object.freeze({
    kind: 'topic',
    name: options.name,
    key: options.key,
    partitions: options.partitions ?? 12,
    events: options.events,
    // Where it is left out, C is its default.
    cleanup: options.cleanup ?? ('delete' as C),
    retentionMs: options.retentionMs ?? null,
    partitioner: options.partitioner ?? 'murmur2',
  })
}
