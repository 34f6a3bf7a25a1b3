// A record as people see it: its place, its envelope, and its data in JSON where it can be decoded, its bytes in hex where not.
import type { AnyTopic } from '../definition/define-topic.ts'
import { decodeHeaders } from '../envelope/decode-headers.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { LogRecord } from '../kafka/record.ts'
import { EventCodec } from '../schema/event-codec.ts'
import type { RegistryClient } from '../schema/registry-client.ts'
import { SchemaDecoder } from '../schema/schema-decoder.ts'
import { keyText } from './key-text.ts'

/** A record in JSON. Exactly one of `data`, `undecodable` and `tombstone` is there. */
export interface RecordView {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** Produce time. */
  readonly timestamp: string
  readonly key: string | null
  readonly id: string
  readonly type: string | null
  /** Event time. */
  readonly time: string
  readonly source: string
  readonly correlationId: string
  readonly data?: unknown
  readonly tombstone?: true
  /** Why it cannot be decoded. */
  readonly undecodable?: string
  /** The value's bytes in hex, where they cannot be decoded. */
  readonly hex?: string
}

/** Turns records of the project's topics into views; a batch at a time, so that the registry is asked once for a schema. */
export class RecordViewer {
  readonly #topics: ReadonlyMap<string, AnyTopic>
  readonly #decoder: SchemaDecoder
  readonly #codec = new EventCodec()

  constructor(topics: readonly AnyTopic[], registry: Pick<RegistryClient, 'fetchSchema'>, now: () => number) {
    this.#topics = new Map(topics.map((topic) => [topic.name, topic]))
    this.#decoder = new SchemaDecoder({ registry, now })
  }

  /** @throws MillraceError `MILLRACE_REGISTRY_UNAVAILABLE` (retriable) */
  async view(records: readonly LogRecord[]): Promise<readonly RecordView[]> {
    await this.#decoder.prepare(records.map(({ value }) => value))
    return records.map((record) => this.#viewOne(record))
  }

  #viewOne(record: LogRecord): RecordView {
    const { topic, partition, offset, key, value } = record
    const { id, time, source, correlationId } = decodeHeaders(record).envelope
    const type = record.headers['ce_type']?.toString() ?? null
    const timestamp = new Date(record.timestamp).toISOString()
    const place = { topic, partition, offset, timestamp, key: keyText(key), id }
    const envelope = { time: time.toISOString(), source, correlationId }
    if (value === null) return { ...place, type, ...envelope, tombstone: true }
    const definition = this.#topics.get(topic)
    if (definition === undefined)
      return {
        ...place,
        type,
        ...envelope,
        undecodable: 'the project defines no such topic',
        hex: value.toString('hex'),
      }
    try {
      const { eventType, data } = this.#decoder.decode(definition, value)
      return { ...place, type: eventType.eventName, ...envelope, data: this.#codec.toJson(eventType, data) }
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      return { ...place, type, ...envelope, undecodable: error.message, hex: value.toString('hex') }
    }
  }
}
