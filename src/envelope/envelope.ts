// What an event says of itself beside its data, after decoding: every part has a value or null.

export interface Envelope {
  /** The event's identity; the same id takes effect once per consumer. */
  readonly id: string
  /** When it happened. */
  readonly time: Date
  /** Who said so: `/<app>/<producer>`. */
  readonly source: string
  readonly correlationId: string
  readonly causationId: string | null
  /** W3C trace context. */
  readonly traceparent: string | null
  readonly routingKey: string | null
  readonly idempotencyKey: string | null
  readonly expiresAt: Date | null
  /** Which attempt at the same work this event belongs to; null where nobody counts. */
  readonly attempt: number | null
}
