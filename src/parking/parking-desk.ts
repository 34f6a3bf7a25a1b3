// What people see of parked events, and what they can ask for. The desk only reads and marks: the owner of the partition carries
// a redrive or a discard out between two batches, under its fence. Every mark leaves its line in millrace.audit, in the same
// statement.
import type { Statements } from '../database/database.ts'
import type { Position } from '../kafka/record.ts'
import type { ParkedStatus } from './parked-event.ts'

/** Events that were parked for one cause. */
export interface ParkedGroup {
  readonly consumer: string
  readonly reason: string
  /** Names the group: the same failure has the same fingerprint. */
  readonly fingerprint: string
  /** What the latest of them failed with. */
  readonly detail: string
  /** Failed for good: nothing happens to them until somebody asks for it. */
  readonly parked: number
  /** Tried again by themselves. */
  readonly waiting: number
  /** Not run yet, because an event of the group is before them in their key. */
  readonly behind: number
  /** Marked, and not carried out yet. */
  readonly requested: number
  readonly firstFailedAt: Date
  readonly lastFailedAt: Date
}

/** One parked event, without its record. */
export interface ParkedSummary extends Position {
  readonly consumer: string
  readonly status: ParkedStatus
  readonly reason: string
  readonly detail: string
  readonly fingerprint: string
  readonly eventId: string
  readonly eventType: string | null
  readonly attempts: number
  readonly dueAt: Date | null
  readonly firstFailedAt: Date
  readonly lastFailedAt: Date
  readonly key: Uint8Array | null
}

/** One parked event with its record as it lay on the log. */
export interface ParkedDetail extends ParkedSummary {
  readonly value: Uint8Array | null
  /** Header values in base64. */
  readonly headers: Readonly<Record<string, string>>
  readonly timestamp: bigint
}

/** Which events of a consumer are meant: one, a group, or all. */
export type ParkedSelection =
  | { readonly kind: 'event'; readonly position: Position }
  | { readonly kind: 'group'; readonly fingerprint: string }
  | { readonly kind: 'all' }

export type DeskAction = 'redrive' | 'discard'

/**
 * Which events a mark can reach. One that is only behind runs when those before it are gone, so it is never redriven by
 * itself, and it is discarded only when it is named.
 */
const REACHED = {
  redrive: `p.status IN ('parked', 'waiting', 'discard')`,
  discard: `(p.status IN ('parked', 'waiting', 'redrive') OR (p.status = 'behind' AND $3::text IS NOT NULL))`,
} as const

const SELECTED = `p.consumer = $1 AND ($2::text IS NULL OR p.fingerprint = $2)
  AND ($3::text IS NULL OR (p.topic = $3 AND p.partition = $4::int AND p.record_offset = $5::bigint))`

const SUMMARY = `p.consumer, p.topic, p.partition, p.record_offset AS "offset", p.status, p.reason, p.detail, p.fingerprint,
  p.event_id AS "eventId", p.event_type AS "eventType", p.attempts, p.due_at AS "dueAt",
  p.first_failed_at AS "firstFailedAt", p.last_failed_at AS "lastFailedAt", p.record_key AS "key"`

/** The parked events of a database. Errors are the database's. */
export class ParkingDesk {
  readonly #database: Statements

  constructor(database: Statements) {
    this.#database = database
  }

  /** Parked events by cause, the largest group first. An event that is behind counts with the first event of its key. */
  groups(consumer: string | null): Promise<readonly ParkedGroup[]> {
    return this.#database.query<ParkedGroup>(
      `WITH placed AS (
         SELECT p.*, first_value(p.fingerprint) OVER (
           PARTITION BY p.consumer, p.topic, p.partition, p.record_key, CASE WHEN p.record_key IS NULL THEN p.record_offset END
           ORDER BY p.record_offset) AS head
         FROM millrace.parked p WHERE $1::text IS NULL OR p.consumer = $1)
       SELECT consumer, CASE WHEN status = 'behind' THEN head ELSE fingerprint END AS fingerprint,
         coalesce(max(reason) FILTER (WHERE status <> 'behind'), 'behind') AS reason,
         coalesce((array_agg(detail ORDER BY last_failed_at DESC) FILTER (WHERE status <> 'behind'))[1], '') AS detail,
         (count(*) FILTER (WHERE status = 'parked'))::int AS parked,
         (count(*) FILTER (WHERE status = 'waiting'))::int AS waiting,
         (count(*) FILTER (WHERE status = 'behind'))::int AS behind,
         (count(*) FILTER (WHERE status IN ('redrive', 'discard')))::int AS requested,
         min(first_failed_at) AS "firstFailedAt", max(last_failed_at) AS "lastFailedAt"
       FROM placed GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2`,
      consumer,
    )
  }

  /** Parked events one by one, in the order of the log. */
  list(consumer: string | null, limit: number): Promise<readonly ParkedSummary[]> {
    return this.#database.query<ParkedSummary>(
      `SELECT ${SUMMARY} FROM millrace.parked p WHERE $1::text IS NULL OR p.consumer = $1
       ORDER BY p.consumer, p.topic, p.partition, p.record_offset LIMIT $2::int`,
      consumer,
      limit,
    )
  }

  /** One parked event; null when none lies there. */
  async find(consumer: string, { topic, partition, offset }: Position): Promise<ParkedDetail | null> {
    const [found] = await this.#database.query<ParkedDetail>(
      `SELECT ${SUMMARY}, p.record_value AS "value", p.record_headers AS "headers", p.record_timestamp AS "timestamp"
       FROM millrace.parked p WHERE p.consumer = $1 AND p.topic = $2 AND p.partition = $3 AND p.record_offset = $4`,
      consumer,
      topic,
      partition,
      offset,
    )
    return found ?? null
  }

  /** The events that a mark would touch. */
  preview(consumer: string, selection: ParkedSelection, action: DeskAction): Promise<readonly ParkedSummary[]> {
    return this.#database.query<ParkedSummary>(
      `SELECT ${SUMMARY} FROM millrace.parked p WHERE ${SELECTED} AND ${REACHED[action]}
       ORDER BY p.topic, p.partition, p.record_offset`,
      consumer,
      ...selectionValues(selection),
    )
  }

  /** Marks events and gives back how many. `actor` is who asked, for the audit. */
  async mark(consumer: string, selection: ParkedSelection, action: DeskAction, actor: string): Promise<number> {
    const [done] = await this.#database.query<{ marked: number }>(
      `WITH marked AS (
         UPDATE millrace.parked p SET status = $6, due_at = NULL WHERE ${SELECTED} AND ${REACHED[action]} RETURNING 1),
       noted AS (
         INSERT INTO millrace.audit (actor, action, subject)
         SELECT $7, 'parked.' || $6, $8::jsonb || jsonb_build_object('events', count(*)) FROM marked HAVING count(*) > 0)
       SELECT count(*)::int AS marked FROM marked`,
      consumer,
      ...selectionValues(selection),
      action,
      actor,
      JSON.stringify({ consumer, ...describeSelection(selection) }),
    )
    return done?.marked ?? 0
  }
}

function selectionValues(selection: ParkedSelection): readonly unknown[] {
  const fingerprint = selection.kind === 'group' ? selection.fingerprint : null
  if (selection.kind !== 'event') return [fingerprint, null, null, null]
  const { topic, partition, offset } = selection.position
  return [fingerprint, topic, partition, offset]
}

function describeSelection(selection: ParkedSelection): Readonly<Record<string, unknown>> {
  if (selection.kind === 'all') return { all: true }
  if (selection.kind === 'group') return { fingerprint: selection.fingerprint }
  const { topic, partition, offset } = selection.position
  return { topic, partition, offset: offset.toString() }
}
