// Reads topics from their beginning to where they end at the moment of the call, and decodes each record with the schema that its
// writer registered. Nothing of the engine is used: plain kafkajs, the registry's REST contract, a decoder of the verifier's own.
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import { decodeAvro } from './avro-decoder.ts'
import type { RecordedData } from './recorded-data.ts'

/** One record as the verifier sees it. */
export interface LogEntry {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string
  /** The event's identity, `ce_id`. */
  readonly id: string
  /** The record's short name; empty for a tombstone. */
  readonly type: string
  /** Null for a tombstone. */
  readonly data: RecordedData | null
}

export interface ReadOptions {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly topics: readonly string[]
}

/** All records of the topics, partition after partition, each in the order of its offsets. */
export async function readTopics({ brokers, registryUrl, topics }: ReadOptions): Promise<readonly LogEntry[]> {
  const kafka = new Kafka({ clientId: 'demo-verify', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const open = await readEnds(kafka, topics)
  const entries = new Map<string, { topic: string; partition: number; message: KafkaMessage }[]>()
  const consumer = kafka.consumer({ groupId: `demo-verify-${randomUUID()}`, maxBytes: 10_485_760 })
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await new Promise<void>((done, failed) => {
      if (open.size === 0) done()
      consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error))
      const eachBatch = ({ batch: { topic, partition, messages } }: EachBatchPayload): Promise<void> => {
        const place = `${topic}/${partition}`
        const end = open.get(place)
        if (end === undefined) return Promise.resolve()
        const kept = messages.filter(({ offset }) => Number(offset) < end)
        const list = entries.get(place) ?? []
        list.push(...kept.map((message) => ({ topic, partition, message })))
        entries.set(place, list)
        if (Number(messages.at(-1)?.offset ?? -1) >= end - 1) open.delete(place)
        if (open.size === 0) done()
        return Promise.resolve()
      }
      consumer.run({ autoCommit: false, eachBatch }).catch(failed)
    })
  } finally {
    await consumer.disconnect()
  }
  const schemas = new Map<number, unknown>()
  const decoded: LogEntry[] = []
  for (const list of entries.values())
    for (const { topic, partition, message } of list)
      decoded.push(await decode(topic, partition, message, (id) => schemaOf(registryUrl, id, schemas)))
  return decoded
}

/** The offset at which each partition that holds anything ends. */
async function readEnds(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const ends = new Map<string, number>()
    for (const topic of topics)
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic))
        if (Number(high) > Number(low)) ends.set(`${topic}/${partition}`, Number(high))
    return ends
  } finally {
    await admin.disconnect()
  }
}

async function decode(
  topic: string,
  partition: number,
  { key, value, headers, offset }: KafkaMessage,
  findSchema: (id: number) => Promise<{ readonly name: string }>,
): Promise<LogEntry> {
  const id = headers?.['ce_id']?.toString() ?? `${topic}/${partition}/${offset}`
  const place = { topic, partition, offset: Number(offset), key: key?.toString('utf8') ?? '', id }
  if (value === null) return { ...place, type: '', data: null }
  if (value.readUInt8(0) !== 0) throw new Error(`${topic}/${partition}/${offset} is not in the wire format`)
  const schema = await findSchema(value.readUInt32BE(1))
  return { ...place, type: schema.name, data: decodeAvro(schema, value.subarray(5)) as RecordedData }
}

async function schemaOf(
  registryUrl: string,
  id: number,
  known: Map<number, unknown>,
): Promise<{ readonly name: string }> {
  if (!known.has(id)) {
    const response = await fetch(`${registryUrl}/schemas/ids/${id}`)
    const { schema } = (await response.json()) as { schema: string }
    known.set(id, JSON.parse(schema))
  }
  return known.get(id) as { readonly name: string }
}
