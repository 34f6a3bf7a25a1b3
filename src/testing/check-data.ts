// Refuses events that no emitter would write, so that a test cannot prove what never happens.
import type { AnyEventType } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import { EventCodec } from '../schema/event-codec.ts'

/** @throws MillraceError `MILLRACE_EVENT_INVALID` with every wrong field when an event's data is not of its schema */
export function checkData(emissions: readonly Emission[]): void {
  const codec = new EventCodec()
  for (const { topic, event } of emissions) {
    const types = topic.events as readonly AnyEventType[]
    const type = types.find(({ eventName }) => eventName === event?.type)
    if (event !== null && type !== undefined) codec.encode(type, 0, event.data)
  }
}
