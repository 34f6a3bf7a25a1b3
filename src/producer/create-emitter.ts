// Writes events to topics: from code, from the command line, from schedules, and below the gateway. It promises: resolved
// means that all in-sync replicas have the events. A rejection that is retriable leaves the outcome open: sent again with the
// same ids, the events take effect once.
import { randomUUID } from 'node:crypto'
import type { AnyTopic, Topic } from '../definition/define-topic.ts'
import type { AnyEventType, EventType, NewEvent } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import type { RecordProducer } from '../kafka/kafka-port.ts'
import type { NewRecord, Position } from '../kafka/record.ts'
import type { EventCodec } from '../schema/event-codec.ts'
import { describeEmissions, type EmitContext } from './describe-emissions.ts'
import { recordMaker, type RecordOptions, type RecordParts } from './make-record.ts'

export interface EmitterOptions {
  /** Opens the producer, at the first write and again after it failed to open: `() => kafka.createProducer()`. */
  readonly connect: () => Promise<RecordProducer>
  readonly codec: EventCodec
  /** The registry's id of an event type on a topic: `lazySchemaIds(registry)`. */
  readonly schemaId: RecordOptions['schemaId']
  /** Name of the app: the default source of its events is `/<app>`. */
  readonly app: string
  readonly now?: () => Date
  readonly newId?: () => string
  /** Told how many events of a topic were acknowledged. */
  readonly onEmitted?: (topicName: string, count: number) => void
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
  /** Writes events to one topic: `emitter.emit(notes, [NoteWritten({ … })])`. */
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
  const makeRecord = recordMaker(options)
  const producer = openOnce(options.connect)

  const prepareOne = async (parts: RecordParts): Promise<PreparedEvent> => ({
    id: parts.envelope.id,
    record: await makeRecord(parts),
  })
  const prepare: Emitter['prepare'] = async (emissions, context = {}) =>
    Promise.all(describeEmissions(emissions, context, { app: options.app, now, newId }).map(prepareOne))
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
