// A record after intake: what is to become of it.
import type { Event } from '../definition/event-type.ts'
import type { LogRecord } from '../kafka/record.ts'
import type { ParkedStatus, Parking } from '../parking/parked-event.ts'

/** An event that is to be run. */
export interface Delivery {
  readonly kind: 'event'
  readonly record: LogRecord
  readonly event: Event
  /** Runs before this one; counted from millrace.parked, so 0 for an event that comes from the log. */
  readonly attempts: number
  /** Its status in millrace.parked, or null for an event that comes from the log. */
  readonly parked: ParkedStatus | null
}

/** A record that cannot be run. */
export interface Refusal {
  readonly kind: 'refused'
  readonly record: LogRecord
  readonly eventId: string
  readonly eventType: string | null
  readonly attempts: number
  readonly parked: ParkedStatus | null
  readonly parking: Parking
}

export type Entry =
  | Delivery
  | Refusal
  /** Its id lies within the window, or its type is one that the definition ignores. */
  | { readonly kind: 'repeated' | 'filtered'; readonly record: LogRecord }
