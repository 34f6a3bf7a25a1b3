// A record's headers as an envelope. It never throws: what is missing or wrong is replaced by what the record itself says (its
// position, its timestamp), and wrong headers are named, so that they can be counted and logged.
import { decodeEventId, maxIdLength } from './decode-event-id.ts'
import type { HeadedRecord } from './decode-event-id.ts'
import type { Envelope } from './envelope.ts'
import { readText } from './read-text.ts'

/** A decoded envelope. */
export interface DecodedHeaders {
  readonly envelope: Envelope
  /** Headers whose value was not taken: bad dates, ids too long, bytes that are no UTF-8. */
  readonly ignored: readonly string[]
}

const maxTextLength = 1024
const instantPattern = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/
const none: readonly string[] = []

/** Decodes the headers of a record; `timestamp` is its own, in milliseconds. */
export function decodeHeaders(record: HeadedRecord & { readonly timestamp: number }): DecodedHeaders {
  const { headers } = record
  let ignored: string[] | null = null
  const taken = <T>(name: string, value: T | null): T | null => {
    if (value === null && headers[name] !== undefined) (ignored ??= []).push(name)
    return value
  }
  const text = (name: string, maxLength = maxTextLength): string | null =>
    taken(name, readText(headers[name], maxLength))
  const instant = (name: string): Date | null => taken(name, readInstant(headers[name]))

  taken('ce_id', readText(headers['ce_id'], maxIdLength))
  const id = decodeEventId(record)
  const envelope: Envelope = {
    id,
    time: instant('ce_time') ?? recordTime(record.timestamp),
    source: text('ce_source') ?? `/${record.topic}`,
    correlationId: text('ce_correlationid', maxIdLength) ?? id,
    causationId: text('ce_causationid', maxIdLength),
    traceparent: text('traceparent'),
    routingKey: text('ce_routingkey'),
    idempotencyKey: text('ce_idempotencykey'),
    expiresAt: instant('ce_expiresat'),
    attempt: taken('ce_attempt', readCount(headers['ce_attempt'])),
  }
  return { envelope, ignored: ignored ?? none }
}

function readInstant(bytes: Buffer | undefined): Date | null {
  const text = readText(bytes, 64)
  if (text === null || !instantPattern.test(text)) return null
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? null : date
}

function readCount(bytes: Buffer | undefined): number | null {
  const text = readText(bytes, 9)
  return text !== null && /^\d+$/.test(text) ? Number(text) : null
}

/** A record's own timestamp may be -1 (none) or, from a broken producer, anything. */
function recordTime(timestamp: number): Date {
  const date = new Date(timestamp)
  return timestamp < 0 || Number.isNaN(date.getTime()) ? new Date(0) : date
}
