// Parked events as part of a commit: those parked anew or again, and those that are done and leave.
import type { Contribution } from '../checkpoint/commit-statement.ts'
import { storableText } from '../checkpoint/storable-text.ts'
import type { ParkedWrite } from './parked-event.ts'
import { parkingFingerprint } from './parking-fingerprint.ts'

export const parkingContribution: Contribution = {
  width: 2,
  ctes: (first) => [
    `parked_in AS (
  INSERT INTO millrace.parked AS p (consumer, topic, partition, record_offset, record_key, record_value, record_headers,
    record_timestamp, event_id, event_type, status, due_at, attempts, reason, detail, fingerprint, first_failed_at, last_failed_at)
  SELECT $1, $2, $3::int, x.o, decode(x.k, 'base64'), decode(x.v, 'base64'), x.h, x.ts, x.id, x.type, x.status, x.due,
    x.attempts, x.reason, x.detail, x.fingerprint, $14::timestamptz, $14::timestamptz
  FROM json_to_recordset($${first}::json) AS x(o bigint, k text, v text, h jsonb, ts bigint, id text, type text, status text,
    due timestamptz, attempts int, reason text, detail text, fingerprint text)
  WHERE EXISTS (SELECT FROM fence)
  ON CONFLICT (consumer, topic, partition, record_offset) DO UPDATE SET event_type = excluded.event_type, status = excluded.status,
    due_at = excluded.due_at, attempts = excluded.attempts, reason = excluded.reason, detail = excluded.detail,
    fingerprint = excluded.fingerprint, last_failed_at = excluded.last_failed_at)`,
    `parked_out AS (
  DELETE FROM millrace.parked WHERE consumer = $1 AND topic = $2 AND partition = $3::int AND EXISTS (SELECT FROM fence)
    AND record_offset IN (SELECT o::bigint FROM json_array_elements_text($${first + 1}::json) AS o))`,
  ],
}

/** The values of `parkingContribution`: events parked with this commit, and offsets of parked events that are done. */
export function parkingValues(writes: readonly ParkedWrite[], done: readonly bigint[]): readonly unknown[] {
  return [
    writes.length === 0 ? '[]' : JSON.stringify(writes.map(writeRow)),
    done.length === 0 ? '[]' : JSON.stringify(done.map(String)),
  ]
}

function writeRow({ record, eventId, eventType, parking, attempts }: ParkedWrite): Record<string, unknown> {
  return {
    o: String(record.offset),
    k: record.key?.toString('base64') ?? null,
    v: record.value?.toString('base64') ?? null,
    h: writeHeaders(record.headers),
    ts: Math.trunc(record.timestamp),
    id: storableText(eventId),
    type: eventType === null ? null : storableText(eventType),
    status: parking.status,
    due: parking.dueAt?.toISOString() ?? null,
    attempts,
    reason: parking.reason,
    // Cut first: a cut may halve a surrogate pair.
    detail: storableText(`${parking.code}: ${parking.detail}`.slice(0, 4000)),
    fingerprint: parkingFingerprint(parking),
  }
}

/** Header values may be any bytes. */
function writeHeaders(headers: Readonly<Record<string, Buffer | undefined>>): Record<string, string> {
  // Without a prototype: a header may be called `__proto__`.
  const written = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) written[storableText(name)] = value.toString('base64')
  }
  return written
}
