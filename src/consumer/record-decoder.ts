// What the engine asks of envelope and schemas: the identity of a record for nothing, and its event when it is needed.
import type { Event } from '../definition/event-type.ts'
import type { LogRecord } from '../kafka/record.ts'
import type { RefusalCause } from './refuse-record.ts'

/** A record read: an event, or why it is none. */
export type Decoded = { readonly kind: 'event'; readonly event: Event } | ({ readonly kind: 'refused' } & RefusalCause)

export interface RecordDecoder {
  /** Fetches what `decode` needs for these records. Rejects with a retriable MillraceError when the registry cannot be asked. */
  prepare(records: readonly LogRecord[]): Promise<void>
  /** The id that the envelope carries, or null for a record without one: such a record is no repeat of any other. */
  eventId(record: LogRecord): string | null
  /** The type that the envelope names, or null. */
  eventType(record: LogRecord): string | null
  /** Reads a prepared record. It never throws because of what the record holds. */
  decode(record: LogRecord): Decoded
}
