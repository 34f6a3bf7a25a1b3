// Writes events to topics: from code, from the command line, from schedules, and below the gateway. It promises: resolved
// means that all in-sync replicas have the events. A rejection that is retriable leaves the outcome open: sent again with the
// same ids, the events take effect once.
import { randomUUID } from 'node:crypto'
import type { AnyTopic, Topic } from '../definition/define-topic.ts'
import type { AnyEventType, EventType, NewEvent } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import { deriveIds } from '../envelope/derive-ids.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { RecordProducer } from '../kafka/kafka-port.ts'
import type { NewRecord, Position } from '../kafka/record.ts'
import type { EventCodec } from '../schema/event-codec.ts'
import { recordMaker, type RecordOptions, type RecordParts } from './make-record.ts'

export interface EmitterOptions {
  /** Opens the producer, at the first write and again after it failed to open: `() => kafka.createProducer()`. */
  readonly connect: () => Promise<RecordProducer>
  readonly codec: EventCodec
  /** The registry's id of an event type on a topic: `lazySchemaIds(registry)`. */
  readonly schemaId: RecordOptions['schemaId']
  /** Name of the app: the default source of its events is `/<app>`. */
  readonly app: string
  /** Put before the name of every topic (default: none). */
  readonly topicPrefix?: string
  readonly now?: () => Date
  readonly newId?: () => string
  /** Told how many events of a topic were acknowledged. */
  readonly onEmitted?: (topicName: string, count: number) => void
}

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

/** An event that is encoded and has its place, but is not written yet. */
export interface PreparedEvent {
  readonly id: string
  readonly record: NewRecord
}

/** An event that is on the log. */
export interface Emitted extends Position {
  readonly id: string
}

type NewEventsOf<E> = E extends EventType<infer Name, infer Data> ? NewEvent<Name, Data> : never

/** Writes events. */
export interface Emitter {
  /** Writes events to one topic: `emitter.emit(orders, [OrderPlaced({ … })])`. */
  emit<E extends AnyEventType>(
    topic: Topic<E>,
    events: readonly NoInfer<NewEventsOf<E>>[],
    context?: EmitContext,
  ): Promise<readonly Emitted[]>
  /** Writes what `send(topic, event)` and `sendTombstone(topic, key)` describe. */
  send(emissions: readonly Emission[], context?: EmitContext): Promise<readonly Emitted[]>
  /** Encodes without writing. Rejects with `MILLRACE_EVENT_INVALID` where data is not of its type. */
  prepare(emissions: readonly Emission[], context?: EmitContext): Promise<readonly PreparedEvent[]>
  /** Encodes one event whose envelope is complete. */
  prepareOne(parts: RecordParts): Promise<PreparedEvent>
  /** Writes what was prepared. */
  write(prepared: readonly PreparedEvent[]): Promise<readonly Emitted[]>
  close(): Promise<void>
}

/** Makes an emitter. Nothing is connected until the first write. */
export function createEmitter(options: EmitterOptions): Emitter {
  const { now = () => new Date(), newId = randomUUID, onEmitted } = options
  const makeRecord = recordMaker({ ...options, topicPrefix: options.topicPrefix ?? '' })
  const producer = openOnce(options.connect)

  const prepareOne = async (parts: RecordParts): Promise<PreparedEvent> => ({
    id: parts.envelope.id,
    record: await makeRecord(parts),
  })
  const prepare: Emitter['prepare'] = async (emissions, context = {}) => {
    const described = emissions.map((emission) => ({ emission, eventType: eventTypeOf(emission) }))
    const ids = idsOf(described, context, newId)
    return Promise.all(
      described.map(async ({ emission: { topic, event, key }, eventType }, index) => {
        const id = event?.id ?? ids[index] ?? newId()
        const envelope = {
          id,
          time: event?.time ?? now(),
          source: context.source ?? `/${options.app}`,
          correlationId: event?.correlationId ?? context.correlationId ?? id,
          causationId: event?.causationId ?? context.causationId ?? null,
          traceparent: context.traceparent ?? null,
          routingKey: event?.routingKey ?? null,
          idempotencyKey: event?.idempotencyKey ?? null,
          expiresAt: event?.expiresAt ?? null,
          attempt: null,
        }
        return prepareOne({ topic, eventType, data: event?.data, key, envelope })
      }),
    )
  }
  const write: Emitter['write'] = async (prepared) => {
    if (prepared.length === 0) return []
    const opened = await producer.get()
    const positions = await opened.send(prepared.map(({ record }) => record))
    const counts = new Map<string, number>()
    for (const { topic } of positions) counts.set(topic, (counts.get(topic) ?? 0) + 1)
    for (const [topic, count] of counts) onEmitted?.(topic, count)
    return positions.map((position, index) => ({ id: (prepared[index] as PreparedEvent).id, ...position }))
  }
  const send: Emitter['send'] = async (emissions, context) => write(await prepare(emissions, context))
  return {
    prepareOne,
    prepare,
    write,
    send,
    emit: (topic, events, context) =>
      send(
        events.map((event) => ({ topic: topic as AnyTopic, event: event as NewEvent, key: null })),
        context,
      ),
    close: () => producer.close(),
  }
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

/** Opens a producer at the first use; one that did not open is opened anew at the next. */
function openOnce(connect: () => Promise<RecordProducer>): {
  get(): Promise<RecordProducer>
  close(): Promise<void>
} {
  let opening: Promise<RecordProducer> | undefined
  return {
    get() {
      if (opening === undefined) {
        const attempt = connect()
        opening = attempt
        attempt.catch(() => {
          if (opening === attempt) opening = undefined
        })
      }
      return opening
    },
    async close() {
      const opened = await opening?.catch(() => undefined)
      opening = undefined
      await opened?.close()
    },
  }
}
