// What `send(topic, event)` says, completed to what a record is made of: event type, id and envelope.
import type { AnyEventType } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import { deriveIds } from '../envelope/derive-ids.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { RecordParts } from './make-record.ts'

/** What events have in common that are sent together. */
export interface EmitContext {
  /** Who says so (default: `/<app>`). */
  readonly source?: string
  /** What events without an id derive it from, with the name of who derives: the same again gives the same ids. */
  readonly idFrom?: { readonly id: string; readonly name: string }
  readonly correlationId?: string
  readonly causationId?: string
  readonly traceparent?: string
}

/**
 * Completes emissions that are sent together.
 * @throws MillraceError `MILLRACE_EVENT_INVALID` for an event that its topic does not carry
 */
export function describeEmissions(
  emissions: readonly Emission[],
  context: EmitContext,
  { app, now, newId }: { readonly app: string; readonly now: () => Date; readonly newId: () => string },
): RecordParts[] {
  const described = emissions.map((emission) => ({ emission, eventType: eventTypeOf(emission) }))
  const ids = idsOf(described, context, newId)
  return described.map(({ emission: { topic, event, key }, eventType }, index) => {
    const id = event?.id ?? ids[index] ?? newId()
    const envelope = {
      id,
      time: event?.time ?? now(),
      source: context.source ?? `/${app}`,
      correlationId: event?.correlationId ?? context.correlationId ?? id,
      causationId: event?.causationId ?? context.causationId ?? null,
      traceparent: context.traceparent ?? null,
      routingKey: event?.routingKey ?? null,
      idempotencyKey: event?.idempotencyKey ?? null,
      expiresAt: event?.expiresAt ?? null,
      attempt: null,
    }
    return { topic, eventType, data: event?.data, key, envelope }
  })
}

type Described = { readonly emission: Emission; readonly eventType: AnyEventType | null }

function eventTypeOf({ topic, event }: Emission): AnyEventType | null {
  if (event === null) return null
  const events = topic.events as readonly AnyEventType[]
  const found = events.find(({ eventName }) => eventName === event.type)
  if (found !== undefined) return found
  throw new MillraceError(
    'MILLRACE_EVENT_INVALID',
    `${topic.name} carries no event ${event.type}. It carries ${events.map(({ eventName }) => eventName).join(', ')}.`,
  )
}

function idsOf(described: readonly Described[], { idFrom }: EmitContext, newId: () => string): readonly string[] {
  if (idFrom === undefined) return described.map(() => newId())
  const outputs = described.map(({ emission: { topic, event, key }, eventType }) => ({
    type: eventType?.fullName ?? null,
    topic: topic.name,
    key: event === null ? key : String((event.data as Readonly<Record<string, unknown>> | null)?.[topic.key]),
  }))
  return deriveIds(idFrom.id, idFrom.name, outputs)
}
