// An envelope as Kafka headers, by CloudEvents' Kafka binding in binary mode: attributes as `ce_…`, the trace context by its own name.
import type { Envelope } from './envelope.ts'

/**
 * Writes an envelope.
 * @param fullName the event type with its namespace: `ce_type`
 */
export function encodeHeaders(envelope: Envelope, fullName: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: envelope.id,
    ce_type: fullName,
    ce_source: envelope.source,
    ce_time: envelope.time.toISOString(),
    ce_correlationid: envelope.correlationId,
    'content-type': 'application/avro',
  }
  if (envelope.causationId !== null) headers['ce_causationid'] = envelope.causationId
  if (envelope.traceparent !== null) headers['traceparent'] = envelope.traceparent
  if (envelope.routingKey !== null) headers['ce_routingkey'] = envelope.routingKey
  if (envelope.idempotencyKey !== null) headers['ce_idempotencykey'] = envelope.idempotencyKey
  if (envelope.expiresAt !== null) headers['ce_expiresat'] = envelope.expiresAt.toISOString()
  if (envelope.attempt !== null) headers['ce_attempt'] = String(envelope.attempt)
  return headers
}
