// A topic: which events it carries in one order, by which field they are keyed, over how many partitions.
import type { AnyEventType, DataOf, Event, EventType, Tombstone } from './event-type.ts'

/** Names of the string fields that every event of the topic has. */
export type KeyField<E> = {
  [Field in keyof DataOf<E> & string]: DataOf<E> extends Record<Field, string> ? Field : never
}[keyof DataOf<E> & string]

export interface TopicOptions<E extends AnyEventType> {
  /** `domain.entity` in lower case; the app's topic prefix is put before it. */
  readonly name: string
  /** The field whose value is the record key: events with equal keys keep their order. Every event of the topic has it. */
  readonly key: KeyField<E>
  /** How many partitions, from 1 to 1,000; it never changes silently (default: 12). */
  readonly partitions?: number
  /** The event types that share this topic because their order matters; in generated code. */
  readonly events: readonly E[]
  /** `delete` keeps events for ever unless `retentionMs` is set; `compact` keeps the last of each key (default: `delete`). */
  readonly cleanup?: 'delete' | 'compact'
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
export interface Topic<E extends AnyEventType = AnyEventType> {
  readonly kind: 'topic'
  readonly name: string
  readonly key: string
  readonly partitions: number
  readonly events: readonly E[]
  readonly cleanup: 'delete' | 'compact'
  readonly retentionMs: number | null
  readonly partitioner: 'murmur2' | 'any'
}

/** Any topic, where its events do not matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- see AnyEventType.
export type AnyTopic = Topic<any>

/** The events that can be read from a topic. A tombstone may lie on any compacted topic. */
export type EventsOf<T> =
  T extends Topic<infer E> ? (E extends EventType<infer Name, infer Data> ? Event<Name, Data> : never) : never

/** The names of the events of a topic. */
export type EventNameOf<T> = EventsOf<T>['type']

/** One event of a topic by its name, a tombstone included. */
export type EventNamed<T, Name extends string> = Name extends 'Tombstone'
  ? Tombstone
  : Extract<EventsOf<T>, { type: Name }>

/** Defines a topic. Inert: nothing is created or connected. */
export function defineTopic<const E extends AnyEventType>(options: TopicOptions<E>): Topic<E> {
  return Object.freeze({
    kind: 'topic',
    name: options.name,
    key: options.key,
    partitions: options.partitions ?? 12,
    events: options.events,
    cleanup: options.cleanup ?? 'delete',
    retentionMs: options.retentionMs ?? null,
    partitioner: options.partitioner ?? 'murmur2',
  })
}
