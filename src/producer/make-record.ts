// Makes the record of one event: Avro bytes in the registry's wire format, the envelope as headers, the key from the topic's
// key field, the partition by murmur2, so that every event of a key lies in one partition whoever wrote it.
import type { AnyTopic } from '../definition/define-topic.ts'
import type { AnyEventType } from '../definition/event-type.ts'
import { encodeHeaders } from '../envelope/encode-headers.ts'
import type { Envelope } from '../envelope/envelope.ts'
import type { NewRecord } from '../kafka/record.ts'
import type { EventCodec } from '../schema/event-codec.ts'
import { partitionForKey } from '../topic/partition-for-key.ts'

/** An event on its way to a record. */
export interface RecordParts {
  readonly topic: AnyTopic
  /** Null for a tombstone. */
  readonly eventType: AnyEventType | null
  readonly data: unknown
  /** The key of a tombstone; an event's key is read from its data. */
  readonly key: string | null
  readonly envelope: Envelope
  /** Headers besides the envelope's; the envelope wins. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Makes records. */
export type MakeRecord = (parts: RecordParts) => Promise<NewRecord>

export interface RecordOptions {
  readonly codec: EventCodec
  /** The registry's id of an event type on a topic. */
  readonly schemaId: (topicName: string, eventType: AnyEventType) => Promise<number>
}

/**
 * Makes the record of an event whose schema id is known.
 * @param schemaId null for a tombstone
 * @throws MillraceError `MILLRACE_EVENT_INVALID` for data that is not of its type
 */
export function encodeRecord(codec: EventCodec, schemaId: number | null, parts: RecordParts): NewRecord {
  const { topic, eventType, data, key, envelope, headers } = parts
  const ownKey = eventType === null ? key : (data as Readonly<Record<string, unknown>>)[topic.key]
  const keyBytes = Buffer.from(String(ownKey))
  return {
    topic: topic.name,
    partition: partitionForKey(keyBytes, topic.partitions),
    key: keyBytes,
    value: eventType === null || schemaId === null ? null : codec.encode(eventType, schemaId, data),
    headers: { ...headers, ...encodeHeaders(envelope, eventType?.fullName ?? 'Tombstone') },
  }
}

/**
 * Makes `MakeRecord`. It rejects with `MILLRACE_EVENT_INVALID` for data that is not of its type, and as the registry does.
 */
export function recordMaker({ codec, schemaId }: RecordOptions): MakeRecord {
  return async (parts) => {
    const { topic, eventType } = parts
    return encodeRecord(codec, eventType === null ? null : await schemaId(topic.name, eventType), parts)
  }
}
