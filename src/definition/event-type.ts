// What generated code and definitions know of an event: its type (an Avro record), a new event on its way in, an event read
// from a topic. All three are plain data; encoding and transport live elsewhere.

/** An Avro schema in its JSON form, self-contained: named types are inlined at their first use. */
export type AvroSchema = string | { readonly [property: string]: unknown } | readonly AvroSchema[]

/** What an emitter may say of one event beyond its data; all of it has a default. */
export interface EventOptions {
  /** The event's identity (default: a new UUID). The same id takes effect once per consumer. */
  readonly id?: string
  /** When it happened (default: now). */
  readonly time?: Date
  /** Ties a whole chain of events together (default: the input's correlation id, or this event's own id). */
  readonly correlationId?: string
  /** The id of the event that caused this one (default: the input's id in workers and processors). */
  readonly causationId?: string
  /** After this moment a worker no longer runs it. */
  readonly expiresAt?: Date
  /** The sender's own key for this piece of work; a second emit with the same key answers as the first did. */
  readonly idempotencyKey?: string
  /** A fine key inside the topic's family, words separated by dots. */
  readonly routingKey?: string
}

/** An event that is to be written: made by an event constructor, carried by `send(topic, event)`. */
export interface NewEvent<Name extends string = string, Data = unknown> extends EventOptions {
  readonly type: Name
  readonly data: Data
}

/**
 * A typed event constructor, generated from one record of schemas/: calling it makes a new event of that type.
 * `eventName` is the record's short name, `fullName` carries the namespace, `schema` is the self-contained Avro record.
 */
export interface EventType<Name extends string = string, Data = unknown> {
  (data: Data, options?: EventOptions): NewEvent<Name, Data>
  readonly eventName: Name
  readonly fullName: string
  readonly schema: AvroSchema
}

/** Any event type, where its data does not matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- a constructor's parameter is contravariant: only any accepts all.
export type AnyEventType = EventType<string, any>

/** The data of an event type. */
export type DataOf<E> = E extends EventType<string, infer Data> ? Data : never

/** An event as a consumer sees it: decoded, with its envelope and its position in the log. */
export interface Event<Name extends string = string, Data = unknown> {
  /** The record's short name in the schema. */
  readonly type: Name
  readonly data: Data
  /** Its identity; for a record without one, its place: `topic:partition:offset`. */
  readonly id: string
  /** When it happened; for a record that does not say, when it was written. */
  readonly time: Date
  /** Who wrote it: `/<app>/<producer or consumer>`; for a record that does not say, `/<topic>`. */
  readonly source: string
  /** Ties a whole chain of events together. */
  readonly correlationId: string
  /** The id of the event that caused it, or null. */
  readonly causationId: string | null
  /** The record's key, or null. */
  readonly key: string | null
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** After this moment a worker no longer runs it; null: never. */
  readonly expiresAt: Date | null
  readonly routingKey: string | null
  readonly idempotencyKey: string | null
}

/** A record with a key and no value: on a compacted topic it deletes what the key stands for. */
export type Tombstone = Event<'Tombstone', null>
