// An event that could not be applied yet: why, and as what it lies in millrace.parked.
import type { LogRecord } from '../kafka/record.ts'

/**
 * `parked`: failed for good, until somebody asks for a redrive; `waiting`: runs again at `dueAt`; `behind`: an earlier event of
 * its key is parked or waiting. Somebody outside sets `redrive` and `discard`, and the owner of the partition carries them out.
 */
export type ParkedStatus = 'parked' | 'waiting' | 'behind' | 'redrive' | 'discard'

/** Why an event was parked. */
export type ParkReason =
  | 'undecodable'
  | 'unknown-schema'
  | 'wrong-type'
  | 'wrong-partition'
  | 'unnamed-type'
  | 'handler-error'
  | 'bad-row'
  | 'database'
  | 'process-death'
  | 'behind'
  | 'retry'
  | 'exhausted'
  | 'permanent'
  | 'expired'

/** The verdict on an event that is not applied. */
export interface Parking {
  readonly status: Exclude<ParkedStatus, 'redrive' | 'discard'>
  readonly reason: ParkReason
  /** What names the failure among its like: an error's code or name, an SQLSTATE. */
  readonly code: string
  readonly detail: string
  /** When a waiting event runs again. */
  readonly dueAt: Date | null
}

/** An event that goes to millrace.parked with a commit, new or again. */
export interface ParkedWrite {
  readonly record: LogRecord
  readonly eventId: string
  readonly eventType: string | null
  readonly parking: Parking
  /** Runs so far. */
  readonly attempts: number
}

/** A row of millrace.parked with its record as it lay on the log. */
export interface ParkedEvent {
  readonly record: LogRecord
  readonly status: ParkedStatus
  readonly attempts: number
  /** When a waiting event runs again. */
  readonly dueAt: Date | null
}
