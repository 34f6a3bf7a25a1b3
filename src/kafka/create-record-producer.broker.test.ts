import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBroker, type Broker } from '../../embedded/broker/start-broker.ts'
import { startKafkaProxy, type KafkaProxy } from '../../tests/fixtures/kafka-proxy.ts'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import { connectKafka } from './connect-kafka.ts'
import type { KafkaPort } from './kafka-port.ts'
import type { LogRecord, NewRecord, Position } from './record.ts'

let broker: Broker
let proxy: KafkaProxy
let direct: KafkaPort
let proxied: KafkaPort

beforeAll(async () => {
  broker = await startBroker()
  proxy = await startKafkaProxy(broker.port)
  direct = connectKafka({ brokers: [broker.address], clientId: 'direct' }, silentLogger)
  proxied = connectKafka({ brokers: [proxy.address], clientId: 'proxied' }, silentLogger)
})
afterAll(async () => {
  await Promise.all([direct.close(), proxied.close()])
  await proxy.close()
  await broker.stop()
})

const record = (topic: string, partition: number, value: string | Buffer): NewRecord => ({
  topic,
  partition,
  key: Buffer.from('key'),
  value: Buffer.from(value),
  headers: { ce_id: 'an-id' },
})

async function create(topic: string, partitions = 1, configs: Record<string, string> = {}): Promise<string> {
  await direct.admin.create([{ name: topic, partitions, configs }])
  return topic
}

/** All that lies in a topic, partition by partition. */
async function log(topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  const ranges = (await direct.admin.watermarks(topic)).map(({ partition, low, high }) => ({
    topic,
    partition,
    from: low,
    to: high,
  }))
  await direct.reader.read(ranges, ({ records: found }) => Promise.resolve(void records.push(...found)))
  return records
}

const values = (records: readonly LogRecord[]): string[] => records.map(({ value }) => value?.toString() ?? '')
const at = (records: readonly LogRecord[], { partition, offset }: Position): string | undefined =>
  records.find((found) => found.partition === partition && found.offset === offset)?.value?.toString()

describe('record producer', () => {
  it('answers with the true position of each record, in the order given', async () => {
    const topic = await create('producer.positions', 3)
    const producer = await direct.createProducer()
    const sent = Array.from({ length: 5_000 }, (_, index) => record(topic, index % 3, `value-${index}`))
    const positions = await producer.send(sent)
    const found = new Map(
      (await log(topic)).map((found) => [`${found.partition} ${found.offset}`, found.value?.toString()]),
    )
    expect(found.size).toBe(5_000)
    expect(positions.map(({ partition, offset }) => found.get(`${partition} ${offset}`))).toEqual(
      sent.map(({ value }) => value?.toString()),
    )
  })

  it('merges concurrent sends into few requests, in the order of the calls', async () => {
    const topic = await create('producer.merged')
    const producer = await proxied.createProducer()
    const before = proxy.produceRequests()
    const positions = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => producer.send([record(topic, 0, `${index}`)])),
    )
    expect(proxy.produceRequests() - before).toBeLessThanOrEqual(3)
    expect(positions.flat().map(({ offset }) => offset)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => BigInt(index)),
    )
    expect(values(await log(topic))).toEqual(Array.from({ length: 1_000 }, (_, index) => `${index}`))
  })

  it('acknowledges only what is on the log, also after a send whose answer was lost (F2)', async () => {
    const topic = await create('producer.lost-answer')
    const producer = await proxied.createProducer({ sendTimeoutMs: 400 })
    await producer.send([record(topic, 0, 'A')])
    proxy.swallowProduceAnswers(true)
    await expect(producer.send([record(topic, 0, 'B')])).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_UNAVAILABLE',
      retriable: true,
    })
    proxy.swallowProduceAnswers(false)
    // With the old producer the broker would take C for a repeat of B, acknowledge it and not store it.
    const [c] = await producer.send([record(topic, 0, 'C')])
    const [d] = await producer.send([record(topic, 0, 'D')])
    const found = await log(topic)
    expect(values(found)).toEqual(['A', 'B', 'C', 'D'])
    expect([c, d].map((position) => at(found, position as Position))).toEqual(['C', 'D'])
  })

  it('does not let the rest of a call overtake its part that failed', async () => {
    const topic = await create('producer.no-overtaking')
    const producer = await proxied.createProducer({ sendTimeoutMs: 300 })
    await producer.send([record(topic, 0, 'first')])
    proxy.swallowProduceAnswers(true)
    const parts = Array.from({ length: 5_000 }, (_, index) => record(topic, 0, `${index}`))
    await expect(producer.send(parts)).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_UNAVAILABLE' })
    proxy.swallowProduceAnswers(false)
    await producer.send([record(topic, 0, 'last')])
    const found = values(await log(topic))
    // The first 2,000 were written, though not acknowledged; the others were never sent.
    expect(found).toHaveLength(2_002)
    expect(found.at(-1)).toBe('last')
  })

  it('refuses a record that is too large for any topic at once', async () => {
    const topic = await create('producer.too-large')
    const producer = await direct.createProducer()
    const both = [record(topic, 0, 'small'), record(topic, 0, Buffer.alloc(1_000_001))]
    await expect(producer.send(both)).rejects.toMatchObject({ code: 'MILLRACE_RECORD_REFUSED', retriable: false })
    expect(await log(topic)).toEqual([])
  })

  it('refuses only the record that is too large for its topic, of those that share a request', async () => {
    const topic = await create('producer.too-large-for-topic', 1, { 'max.message.bytes': '2000' })
    const producer = await direct.createProducer()
    const results = await Promise.allSettled([
      producer.send([record(topic, 0, 'one')]),
      producer.send([record(topic, 0, Buffer.alloc(3_000))]),
      producer.send(Array.from({ length: 60 }, (_, index) => record(topic, 0, `${index}`))),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'MILLRACE_RECORD_REFUSED' } })
    expect(values(await log(topic))).toEqual(['one', ...Array.from({ length: 60 }, (_, index) => `${index}`)])
  })

  it('does not create a topic that is missing (K17), nor fails those that share the request', async () => {
    const topic = await create('producer.beside-a-typo')
    const producer = await direct.createProducer()
    const results = await Promise.allSettled([
      producer.send([record(topic, 0, 'one')]),
      producer.send([record('producer.typo', 0, 'x')]),
      producer.send([record(topic, 0, 'two')]),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'MILLRACE_KAFKA_UNAVAILABLE', retriable: true } })
    expect(values(await log(topic))).toEqual(['one', 'two'])
    expect(await direct.admin.describe(['producer.typo'])).toEqual([])
  })

  it('fails in time while there is no broker, and goes on with the next one', async () => {
    const first = await startBroker()
    const kafka = connectKafka({ brokers: [first.address], clientId: 'gone' }, silentLogger)
    const producer = await kafka.createProducer({ sendTimeoutMs: 500 })
    await kafka.admin.create([{ name: 'gone', partitions: 1, configs: {} }])
    await producer.send([record('gone', 0, 'before')])
    await first.stop()
    const started = Date.now()
    await expect(producer.send([record('gone', 0, 'during')])).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_UNAVAILABLE',
    })
    expect(Date.now() - started).toBeLessThan(2_000)
    const second = await startBroker({ port: first.port })
    await kafka.admin.create([{ name: 'gone', partitions: 1, configs: {} }])
    const [position] = await producer.send([record('gone', 0, 'after')])
    expect(position).toEqual({ topic: 'gone', partition: 0, offset: 0n })
    await kafka.close()
    await second.stop()
  })
})
