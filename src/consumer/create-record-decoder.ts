// Envelope and schemas together: records to events. Bytes that are no event are refused with the reason, never thrown.
import type { AnyTopic } from '../definition/define-topic.ts'
import type { AnyEventType, Event } from '../definition/event-type.ts'
import { decodeHeaders } from '../envelope/decode-headers.ts'
import { readText } from '../envelope/read-text.ts'
import { maxIdLength } from '../envelope/decode-event-id.ts'
import { messageOf } from '../errors/message-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { LogRecord } from '../kafka/record.ts'
import type { SchemaDecoder } from '../schema/schema-decoder.ts'
import type { Decoded, RecordDecoder } from './record-decoder.ts'

/** The decoder of the records of some topics. */
export function createRecordDecoder(
  schemas: Pick<SchemaDecoder, 'prepare' | 'decode'>,
  topics: readonly AnyTopic[],
): RecordDecoder {
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  const names = new Map<string, string>()
  for (const { events } of topics) {
    for (const { fullName, eventName } of events as readonly AnyEventType[]) names.set(fullName, eventName)
  }
  const eventType = (record: LogRecord): string | null => {
    if (record.value === null && byName.get(record.topic)?.cleanup === 'compact') return 'Tombstone'
    const named = readText(record.headers['ce_type'], maxIdLength)
    return named === null ? null : (names.get(named) ?? named)
  }
  return {
    prepare: async (records) => schemas.prepare(records.map(({ value }) => value)),
    eventId: (record) => readText(record.headers['ce_id'], maxIdLength),
    eventType,
    decode(record) {
      const topic = byName.get(record.topic)
      if (topic === undefined)
        return refused('undecodable', 'UNKNOWN_TOPIC', `${record.topic} is not one of its topics`)
      if (record.value === null) {
        if (topic.cleanup === 'compact') return { kind: 'event', event: eventOf(record, 'Tombstone', null) }
        // Taken for an order to delete, a stray record without a value would cost rows.
        return refused('wrong-type', 'TOMBSTONE', `it has no value, and ${record.topic} is not a compacted topic`)
      }
      try {
        const { eventType: type, data } = schemas.decode(topic, record.value)
        const named = eventType(record)
        if (named !== null && named !== type.eventName) {
          return refused('wrong-type', 'WRONG_TYPE', `its header says ${named}, its bytes are ${type.fullName}`)
        }
        return { kind: 'event', event: eventOf(record, type.eventName, data) }
      } catch (error) {
        // Its schema is not at hand: nothing is wrong with the record.
        if (error instanceof MillraceError && error.retriable) throw error
        const detail = messageOf(error)
        return refused('undecodable', error instanceof MillraceError ? error.code : 'UNDECODABLE', detail)
      }
    },
  }
}

function refused(reason: 'undecodable' | 'wrong-type', code: string, detail: string): Decoded {
  return { kind: 'refused', reason, code, detail }
}

function eventOf(record: LogRecord, type: string, data: unknown): Event {
  const { envelope } = decodeHeaders(record)
  return {
    type,
    data,
    id: envelope.id,
    time: envelope.time,
    source: envelope.source,
    correlationId: envelope.correlationId,
    causationId: envelope.causationId,
    key: record.key === null ? null : record.key.toString('utf8'),
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    expiresAt: envelope.expiresAt,
    routingKey: envelope.routingKey,
    idempotencyKey: envelope.idempotencyKey,
  }
}
