// Turns what a test sends into what a consumer reads, without a log: ids and offsets count up, everything else has a fixed value.
import type { Event } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'

/** The event that a consumer would read of an emission; `position` counts a test's events from 0. */
export function specEvent({ topic, event, key }: Emission, position: number): Event {
  const data = event?.data as Readonly<Record<string, unknown>> | undefined
  const keyed = data?.[topic.key]
  const id = event?.id ?? `event-${position}`
  return {
    type: event?.type ?? 'Tombstone',
    data: event?.data ?? null,
    id,
    time: event?.time ?? new Date(Date.UTC(2026, 0, 1)),
    source: '/spec',
    correlationId: event?.correlationId ?? id,
    causationId: event?.causationId ?? null,
    key: typeof keyed === 'string' ? keyed : key,
    topic: topic.name,
    partition: 0,
    offset: BigInt(position),
    expiresAt: event?.expiresAt ?? null,
    routingKey: event?.routingKey ?? null,
    idempotencyKey: event?.idempotencyKey ?? null,
  }
}
