import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../embedded/broker/start-broker.ts'
import { type Registry, startRegistry } from '../../embedded/registry/start-registry.ts'
import { archive, NoteRemoved, notes, NoteWritten } from '../../tests/fixtures/desk-definitions.ts'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import { sendTombstone } from '../definition/send.ts'
import { connectKafka } from '../kafka/connect-kafka.ts'
import type { KafkaPort } from '../kafka/kafka-port.ts'
import type { LogRecord } from '../kafka/record.ts'
import { EventCodec } from '../schema/event-codec.ts'
import { createRegistryClient } from '../schema/registry-client.ts'
import { ensureTopics } from '../topic/ensure-topics.ts'
import { createEmitter, type Emitter } from './create-emitter.ts'
import { lazySchemaIds } from './lazy-schema-ids.ts'

let broker: Broker
let registry: Registry
let kafka: KafkaPort
let emitter: Emitter

beforeAll(async () => {
  broker = await startBroker()
  registry = await startRegistry()
  kafka = connectKafka({ brokers: [broker.address], clientId: 'emitter-test' }, silentLogger)
  await ensureTopics(kafka.admin, [notes, archive])
  emitter = createEmitter({
    connect: async () => kafka.createProducer(),
    codec: new EventCodec(),
    schemaId: lazySchemaIds(createRegistryClient({ url: registry.url })),
    app: 'desk',
  })
})
afterAll(async () => {
  await emitter.close()
  await kafka.close()
  await registry.stop()
  await broker.stop()
})

async function read(topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  const ranges = (await kafka.admin.watermarks(topic)).map(({ partition, low, high }) => ({
    topic,
    partition,
    from: low,
    to: high,
  }))
  await kafka.reader.read(ranges, async (batch) => void records.push(...batch.records))
  return records
}

test('what is emitted lies where the answer says, with its bytes and envelope', async () => {
  const events = Array.from({ length: 40 }, (_, n) =>
    NoteWritten({ noteId: `n${n % 9}`, text: `t${n}`, size: BigInt(n) }, { id: `e${n}`, correlationId: 'c' }),
  )
  const emitted = await emitter.emit(notes, events, { source: '/tests' })
  const records = await read('desk.notes')
  expect(records).toHaveLength(40)
  for (const [n, { id, partition, offset }] of emitted.entries()) {
    const record = records.find((one) => one.partition === partition && one.offset === offset)
    expect(id).toBe(`e${n}`)
    expect(record?.key?.toString()).toBe(`n${n % 9}`)
    expect(record?.headers['ce_id']?.toString()).toBe(id)
    expect(record?.headers['ce_source']?.toString()).toBe('/tests')
    expect(record?.headers['ce_correlationid']?.toString()).toBe('c')
    expect(record?.value?.subarray(5).includes(`t${n}`)).toBe(true)
  }
  const orderOfKey = emitted.filter((_, n) => n % 9 === 0).map(({ offset }) => offset)
  expect(orderOfKey).toEqual([...orderOfKey].sort((a, b) => (a < b ? -1 : 1)))
})

test('events of several topics and a tombstone go out together', async () => {
  const emitted = await emitter.send([
    { topic: archive, event: NoteRemoved({ noteId: 'gone' }), key: null },
    sendTombstone(archive, 'gone'),
  ])
  expect(emitted.map(({ topic }) => topic)).toEqual(['desk.archive', 'desk.archive'])
  expect(emitted[0]?.partition).toBe(emitted[1]?.partition)
  expect((await read('desk.archive')).map(({ value }) => value === null)).toEqual([false, true])
})

test('data that is not of its type is refused before anything is written', async () => {
  const wrong = NoteWritten({ noteId: 'n', text: 5 as unknown as string, size: 0n })
  await expect(emitter.emit(notes, [NoteWritten({ noteId: 'ok', text: '', size: 0n }), wrong])).rejects.toMatchObject({
    code: 'MILLRACE_EVENT_INVALID',
    context: { problems: [{ path: 'text' }] },
  })
  expect((await read('desk.notes')).some(({ key }) => key?.toString() === 'ok')).toBe(false)
})

test('a registry that was away is asked again', async () => {
  let isAway = true
  const client = createRegistryClient({ url: registry.url })
  const schemaId = lazySchemaIds({
    registerSchema: async (subject, schema) => {
      if (isAway) throw new Error('away')
      return client.registerSchema(subject, schema)
    },
  })
  await expect(schemaId('desk.notes', NoteWritten)).rejects.toThrow('away')
  isAway = false
  expect(await schemaId('desk.notes', NoteWritten)).toBeGreaterThan(0)
})
