// What producers, processors and workers return: an event and the topic it goes to, said in one place.
import type { AnyTopic, Cleanup, Topic } from './define-topic.ts'
import type { AnyEventType, EventType, NewEvent } from './event-type.ts'

/** A new event with its topic, or a tombstone for a key of a compacted topic. */
export interface Emission<T extends AnyTopic = AnyTopic> {
  readonly topic: T
  /** The event, or null for a tombstone. */
  readonly event: NewEvent | null
  /** The key of a tombstone; an event's key is read from its data. */
  readonly key: string | null
}

type NewEventsOf<E extends AnyEventType> = E extends EventType<infer Name, infer Data> ? NewEvent<Name, Data> : never

/** Puts an event on its way to a topic: `send(notes, NoteWritten({ … }))`. Nothing happens until it is returned. */
export function send<E extends AnyEventType, C extends Cleanup>(
  topic: Topic<E, C>,
  event: NoInfer<NewEventsOf<E>>,
): Emission<Topic<E, C>> {
  return { topic, event, key: null }
}

/** Says that a key of a compacted topic is deleted. The topic has `cleanup: 'compact'`. Nothing happens until it is returned. */
export function sendTombstone<E extends AnyEventType>(
  topic: Topic<E, 'compact'>,
  key: string,
): Emission<Topic<E, 'compact'>> {
  return { topic, event: null, key }
}
