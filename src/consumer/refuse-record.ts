// A record that is parked without running, with what is known of it.
import { decodeEventId } from '../envelope/decode-event-id.ts'
import type { LogRecord } from '../kafka/record.ts'
import type { ParkedStatus, ParkReason } from '../parking/parked-event.ts'
import type { Refusal } from './entry.ts'
import type { RecordDecoder } from './record-decoder.ts'

/** Why a record is refused. */
export interface RefusalCause {
  readonly reason: ParkReason
  readonly code: string
  readonly detail: string
}

/** Its status in millrace.parked and its runs before, where it comes from there. */
export interface ParkedBefore {
  readonly status: ParkedStatus
  readonly attempts: number
}

export function refuseRecord(
  record: LogRecord,
  decoder: RecordDecoder,
  { reason, code, detail }: RefusalCause,
  before: ParkedBefore | null,
): Refusal {
  return {
    kind: 'refused',
    record,
    eventId: decodeEventId(record),
    eventType: decoder.eventType(record),
    attempts: before?.attempts ?? 0,
    parked: before?.status ?? null,
    parking: { status: 'parked', reason, code, detail, dueAt: null },
  }
}
