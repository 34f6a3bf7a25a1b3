import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBroker, type Broker } from '../../embedded/broker/start-broker.ts'
import { startKafkaProxy } from '../../tests/fixtures/kafka-proxy.ts'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import { until } from '../../tests/fixtures/until.ts'
import { connectKafka } from './connect-kafka.ts'
import type { GroupHandler, KafkaPort } from './kafka-port.ts'
import type { NewRecord } from './record.ts'

let dataDir: string
let broker: Broker
let kafka: KafkaPort

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kafka-outage-'))
  broker = await startBroker({ dataDir, groupInitialRebalanceDelayMs: 0 })
  kafka = connectKafka({ brokers: [broker.address], clientId: 'test', connectionTimeoutMs: 500 }, silentLogger)
})
afterAll(async () => {
  await kafka.close()
  await broker.stop()
  await rm(dataDir, { recursive: true })
})

const records = (topic: string, count: number): NewRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic,
    partition: 0,
    key: null,
    value: Buffer.from(`${index}`),
    headers: {},
  }))

/** Reads from its own checkpoint and counts what it reads. */
function counting(): { readonly handler: GroupHandler; readonly read: bigint[]; starts: () => number } {
  const read: bigint[] = []
  let next = 0n
  let starts = 0
  return {
    read,
    starts: () => starts,
    handler: {
      assigned: (partitions) => {
        starts += 1
        return Promise.resolve(partitions.map((tp) => ({ ...tp, offset: next })))
      },
      batch: (batch) => {
        read.push(...batch.records.map(({ offset }) => offset))
        next = batch.nextOffset
        return Promise.resolve({ kind: 'committed', next })
      },
      revoked: () => undefined,
    },
  }
}

describe('group member in an outage', () => {
  it('goes on by itself when the broker comes back', async () => {
    await kafka.admin.create([{ name: 'outage.restart', partitions: 1, configs: {} }])
    const producer = await kafka.createProducer()
    await producer.send(records('outage.restart', 5))
    const { handler, read, starts } = counting()
    const member = await kafka.joinGroup({
      groupId: 'outage.restart',
      topics: ['outage.restart'],
      sessionTimeoutMs: 500,
      handler,
    })
    await until('the first were read', () => read.length === 5)
    const { port } = broker
    await broker.stop()
    await until('the member lost its partitions', () => member.owned().length === 0)
    broker = await startBroker({ dataDir, port, groupInitialRebalanceDelayMs: 0 })
    await producer.send(records('outage.restart', 5))
    await until('the others were read', () => read.length === 10)
    expect(read).toEqual(Array.from({ length: 10 }, (_, index) => BigInt(index)))
    expect(starts()).toBe(2)
    await member.stop()
  })

  it('does not stall when a broker takes requests and answers none', async () => {
    await kafka.admin.create([{ name: 'outage.frozen', partitions: 1, configs: {} }])
    const producer = await kafka.createProducer()
    await producer.send(records('outage.frozen', 5))
    const proxy = await startKafkaProxy(broker.port)
    const settings = { brokers: [proxy.address], clientId: 'frozen', requestTimeoutMs: 300, connectionTimeoutMs: 300 }
    const proxied = connectKafka(settings, silentLogger)
    const { handler, read } = counting()
    const member = await proxied.joinGroup({
      groupId: 'outage.frozen',
      topics: ['outage.frozen'],
      sessionTimeoutMs: 600,
      handler,
    })
    await until('the first were read', () => read.length === 5)
    proxy.freeze(true)
    await until('the member gave its partition up', () => member.owned().length === 0)
    await producer.send(records('outage.frozen', 5))
    proxy.freeze(false)
    await until('the others were read', () => read.length === 10)
    expect(read).toEqual(Array.from({ length: 10 }, (_, index) => BigInt(index)))
    await proxied.close()
    await proxy.close()
  })

  it('stays stopped when it is stopped while there is no broker (K13)', async () => {
    await kafka.admin.create([{ name: 'outage.stop', partitions: 1, configs: {} }])
    const { handler, read } = counting()
    const member = await kafka.joinGroup({
      groupId: 'outage.stop',
      topics: ['outage.stop'],
      sessionTimeoutMs: 500,
      handler,
    })
    await until('it has its partition', () => member.owned().length === 1)
    const { port } = broker
    await broker.stop()
    await until('the member lost its partition', () => member.owned().length === 0)
    await member.stop()
    broker = await startBroker({ dataDir, port, groupInitialRebalanceDelayMs: 0 })
    const producer = await kafka.createProducer()
    await producer.send(records('outage.stop', 5))
    // Another member of the group reads them; the stopped one has no part in it.
    const other = counting()
    const next = await kafka.joinGroup({ groupId: 'outage.stop', topics: ['outage.stop'], handler: other.handler })
    await until('another one read them', () => other.read.length === 5)
    expect(read).toEqual([])
    await next.stop()
  })
})
