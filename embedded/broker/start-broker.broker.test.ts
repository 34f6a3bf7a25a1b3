import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompressionTypes, ConfigResourceTypes, Kafka, logLevel, Partitioners, type KafkaMessage } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startBroker, type Broker, type BrokerOptions } from './start-broker.ts'
import { makeBatch } from './testing/make-batch.ts'
import { WireClient } from './testing/wire-client.ts'
import { errorCode } from './wire/error-code.ts'
import { Writer } from './wire/writer.ts'

let broker: Broker
let kafka: Kafka

beforeAll(async () => {
  broker = await startBroker({ groupInitialRebalanceDelayMs: 20 })
  kafka = clientOf(broker)
})
afterAll(() => broker.stop())

const clientOf = ({ address }: Broker): Kafka => new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })

async function startOnDisk(options: BrokerOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'broker-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  return { dataDir, start: () => startBroker({ dataDir, groupInitialRebalanceDelayMs: 20, ...options }) }
}

async function adminOf(client: Kafka) {
  const admin = client.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  return admin
}

async function producerOf(client: Kafka, idempotent = false) {
  const producer = client.producer({ idempotent, createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  return producer
}

async function createTopic(client: Kafka, topic: string, numPartitions = 1, config: Record<string, string> = {}) {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  const admin = await adminOf(client)
  await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] })
  return admin
}

/** Reads a topic from its beginning until `count` messages have come. */
async function consume(
  client: Kafka,
  topic: string,
  count: number,
  groupId = `read-${topic}`,
): Promise<KafkaMessage[]> {
  const consumer = client.consumer({ groupId, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const messages: KafkaMessage[] = []
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        messages.push(message)
        if (messages.length === count) resolve()
      },
    })
  })
  await consumer.disconnect()
  return messages
}

describe('records', () => {
  it('come back as they were sent: keys, tombstones, headers, timestamps, plain and compressed', async () => {
    await createTopic(kafka, 'records')
    const producer = await producerOf(kafka)
    const messages = [
      { key: 'a', value: 'one', headers: { h: 'x', list: ['1', '2'] }, timestamp: '1700000000001' },
      { key: 'b', value: null, timestamp: '1700000000002' },
      { key: null, value: '', timestamp: '1700000000003' },
    ]
    await producer.send({ topic: 'records', messages })
    await producer.send({ topic: 'records', messages, compression: CompressionTypes.GZIP })
    const read = await consume(kafka, 'records', 6)
    expect(read.map(({ offset }) => offset)).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(read.map(({ key }) => key?.toString() ?? null)).toEqual(['a', 'b', null, 'a', 'b', null])
    expect(read.map(({ value }) => value?.toString() ?? null)).toEqual(['one', null, '', 'one', null, ''])
    expect(read.map(({ timestamp }) => timestamp.slice(-1))).toEqual(['1', '2', '3', '1', '2', '3'])
    expect(String(read[3]?.headers?.['h'])).toBe('x')
  })

  it('are found by time, and deleted up to an offset', async () => {
    const admin = await createTopic(kafka, 'times')
    const producer = await producerOf(kafka)
    for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
      const first = compression === CompressionTypes.None ? 1_700_000_000_000 : 1_700_000_001_000
      const messages = [0, 10, 20].map((delta) => ({ value: 'v', timestamp: String(first + delta) }))
      await producer.send({ topic: 'times', messages, compression })
    }
    const at = async (time: number) => (await admin.fetchTopicOffsetsByTimestamp('times', time))[0]?.offset
    expect(await at(0)).toBe('0')
    expect(await at(1_700_000_000_010)).toBe('1')
    expect(await at(1_700_000_000_021)).toBe('3')
    expect(await at(1_700_000_001_015)).toBe('5')
    await admin.deleteTopicRecords({ topic: 'times', partitions: [{ partition: 0, offset: '4' }] })
    expect(await admin.fetchTopicOffsets('times')).toMatchObject([{ low: '4', high: '6' }])
    expect((await consume(kafka, 'times', 2)).map(({ offset }) => offset)).toEqual(['4', '5'])
  })

  it('larger than max.message.bytes are refused', async () => {
    await createTopic(kafka, 'small', 1, { 'max.message.bytes': '1000' })
    const producer = await producerOf(kafka)
    const send = producer.send({ topic: 'small', messages: [{ value: 'x'.repeat(2000) }] })
    await expect(send).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' })
  })
})

describe('an idempotent producer', () => {
  it('sends through kafkajs', async () => {
    await createTopic(kafka, 'idempotent', 3)
    const producer = await producerOf(kafka, true)
    for (let i = 0; i < 5; i++) await producer.send({ topic: 'idempotent', messages: [{ key: `k${i}`, value: 'v' }] })
    expect(await consume(kafka, 'idempotent', 5)).toHaveLength(5)
  })

  it('gets the offset of the original for a repeat, and a refusal for a gap, also after a restart', async () => {
    const { start } = await startOnDisk()
    const batch = (baseSequence: number) => makeBatch({ producerId: 5, producerEpoch: 0, baseSequence })
    for (const expected of [0, 1]) {
      await using server = await start()
      if (expected === 0) await (await createTopic(clientOf(server), 'repeat')).disconnect()
      const client = await WireClient.connect(server.port)
      expect(await client.produce('repeat', 0, batch(expected))).toEqual({ code: 0, baseOffset: expected })
      expect(await client.produce('repeat', 0, batch(0))).toEqual({ code: 0, baseOffset: 0 })
      expect((await client.produce('repeat', 0, batch(7))).code).toBe(errorCode.outOfOrderSequenceNumber)
      client.close()
    }
  })
})

describe('a group', () => {
  it('shares the partitions among its members and takes over those of one that leaves', async () => {
    const admin = await createTopic(kafka, 'shared', 4)
    const shares = new Map<string, number>()
    const start = async (name: string) => {
      const consumer = kafka.consumer({ groupId: 'sharing', heartbeatInterval: 50, maxWaitTimeInMs: 100 })
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        shares.set(name, payload.memberAssignment['shared']?.length ?? 0)
      })
      await consumer.connect()
      await consumer.subscribe({ topic: 'shared' })
      await consumer.run({ eachMessage: async () => {} })
      return consumer
    }
    const first = await start('first')
    const second = await start('second')
    await expect.poll(() => [...shares.values()], { timeout: 10_000 }).toEqual([2, 2])
    expect((await admin.describeGroups(['sharing'])).groups[0]).toMatchObject({
      state: 'Stable',
      protocolType: 'consumer',
    })
    await second.disconnect()
    await expect.poll(() => shares.get('first'), { timeout: 10_000 }).toBe(4)
    await first.disconnect()
    expect((await admin.describeGroups(['sharing'])).groups[0]).toMatchObject({ state: 'Empty' })
  })

  it('takes the partitions of a member back when its session runs out', async () => {
    await createTopic(kafka, 'expiring', 2)
    const shares: number[] = []
    const consumer = kafka.consumer({ groupId: 'expiring', heartbeatInterval: 50, maxWaitTimeInMs: 100 })
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      shares.push(payload.memberAssignment['expiring']?.length ?? 0)
    })
    await consumer.connect()
    await consumer.subscribe({ topic: 'expiring' })
    await consumer.run({ eachMessage: async () => {} })
    await expect.poll(() => shares).toEqual([2])
    const silent = await WireClient.connect(broker.port)
    const subscription = new Writer().i16(1)
    subscription.array(['expiring'], (topic) => subscription.string(topic)).bytes(Buffer.alloc(0))
    const joined = await silent.request(11, 2, (body) => {
      body.string('expiring').i32(500).i32(10_000).string('').string('consumer')
      body.array(['RoundRobinAssigner'], (name) => body.string(name).bytes(subscription.toBuffer()))
    })
    expect([joined.i32(), joined.i16(), joined.i32()]).toEqual([0, 0, 2])
    await expect.poll(() => shares, { timeout: 10_000 }).toEqual([2, 1, 2])
    silent.close()
    await consumer.disconnect()
  })

  it('goes on at its committed offsets after a restart, until it is deleted', async () => {
    const { start } = await startOnDisk()
    {
      await using server = await start()
      const client = clientOf(server)
      await createTopic(client, 'kept')
      const producer = await producerOf(client)
      await producer.send({ topic: 'kept', messages: [{ value: '0' }, { value: '1' }] })
      expect(await consume(client, 'kept', 2, 'keeper')).toHaveLength(2)
    }
    await using server = await start()
    const client = clientOf(server)
    const producer = await producerOf(client)
    await producer.send({ topic: 'kept', messages: [{ value: '2' }] })
    const read = await consume(client, 'kept', 1, 'keeper')
    expect(read.map(({ value }) => value?.toString())).toEqual(['2'])
    const admin = await adminOf(client)
    await admin.deleteGroups(['keeper'])
    expect((await admin.fetchOffsets({ groupId: 'keeper', topics: ['kept'] }))[0]?.partitions[0]?.offset).toBe('-1')
  })
})

describe('an admin', () => {
  it('creates, describes, changes, grows and deletes topics', async () => {
    const admin = await createTopic(kafka, 'managed', 2, { 'retention.ms': '1000' })
    const resource = { type: ConfigResourceTypes.TOPIC, name: 'managed' }
    const setting = async (name: string) => {
      const described = await admin.describeConfigs({ resources: [resource], includeSynonyms: false })
      return described.resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue
    }
    expect(await setting('retention.ms')).toBe('1000')
    await admin.alterConfigs({
      resources: [{ ...resource, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
      validateOnly: false,
    })
    expect([await setting('retention.ms'), await setting('cleanup.policy')]).toEqual(['-1', 'compact'])
    await admin.createPartitions({ topicPartitions: [{ topic: 'managed', count: 3 }] })
    expect((await admin.fetchTopicMetadata({ topics: ['managed'] })).topics[0]?.partitions).toHaveLength(3)
    await admin.deleteTopics({ topics: ['managed'] })
    expect(await admin.listTopics()).not.toContain('managed')
    expect((await admin.describeCluster()).brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: broker.port }])
  })

  it('finds a topic that was deleted and made again at offset 0, also after a restart', async () => {
    const { start } = await startOnDisk()
    {
      await using server = await start()
      const admin = await createTopic(clientOf(server), 'again')
      const producer = await producerOf(clientOf(server))
      await producer.send({ topic: 'again', messages: [{ value: 'old' }] })
      await admin.deleteTopics({ topics: ['again'] })
      await createTopic(clientOf(server), 'again')
      expect(await admin.fetchTopicOffsets('again')).toMatchObject([{ low: '0', high: '0' }])
    }
    await using server = await start()
    const admin = await adminOf(clientOf(server))
    expect(await admin.fetchTopicOffsets('again')).toMatchObject([{ low: '0', high: '0' }])
  })

  it('is told what is wrong with a topic', async () => {
    const admin = await createTopic(kafka, 'there')
    await expect(createTopic(kafka, 'wrong/name')).rejects.toThrow('Topic creation errors')
    await expect(createTopic(kafka, 'odd', 1, { 'no.such.setting': '1' })).rejects.toThrow('Topic creation errors')
    expect(await admin.createTopics({ topics: [{ topic: 'there' }] })).toBe(false)
    await expect(admin.fetchTopicMetadata({ topics: ['not-there'] })).rejects.toMatchObject({
      type: 'UNKNOWN_TOPIC_OR_PARTITION',
    })
  })
})

describe('a connection', () => {
  it.each([
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['an API that does not exist', Buffer.from([0, 0, 0, 10, 3, 231, 0, 0, 0, 0, 0, 1, 0, 0])],
    ['a version that does not exist', Buffer.from([0, 0, 0, 10, 0, 0, 0, 99, 0, 0, 0, 1, 0, 0])],
    ['a request that is cut off', Buffer.from([0, 0, 0, 10, 0, 3, 0, 4, 0, 0, 0, 1, 0, 0])],
  ])('that sends %s is closed, the others go on', async (_, garbage) => {
    const hostile = await WireClient.connect(broker.port)
    const closed = new Promise((resolve) => hostile.socket.once('close', resolve))
    hostile.socket.write(garbage)
    await closed
    const client = await WireClient.connect(broker.port)
    expect((await client.request(18, 0, () => {})).i16()).toBe(0)
    client.close()
  })

  it('that asks for an unknown version of ApiVersions learns which there are', async () => {
    const client = await WireClient.connect(broker.port)
    const reply = await client.request(18, 9, () => {})
    expect(reply.i16()).toBe(errorCode.unsupportedVersion)
    expect(reply.array(() => [reply.i16(), reply.i16(), reply.i16()])).toContainEqual([18, 0, 3])
    client.close()
  })

  it('gets its replies in the order of the requests, and an idle fetch does not hold those behind it', async () => {
    await createTopic(kafka, 'idle')
    const client = await WireClient.connect(broker.port)
    const fetch = client.request(1, 4, (body) => {
      body.i32(-1).i32(60_000).i32(1).i32(1_000_000).i8(0)
      body.array(['idle'], (name) => {
        body.string(name)
        body.array([0], (partition) => body.i32(partition).i64(0).i32(1_000_000))
      })
    })
    const [, versions] = await Promise.all([fetch, client.request(18, 0, () => {})])
    expect(versions.i16()).toBe(0)
    client.close()
  })
})

it('refuses a transactional producer with a message that says why', async () => {
  const client = await WireClient.connect(broker.port)
  const reply = await client.request(10, 1, (body) => body.string('my-transaction').i8(1))
  reply.i32()
  expect(reply.i16()).toBe(errorCode.invalidRequest)
  expect(reply.string()).toContain('Transactions are not supported')
  client.close()
})

it('refuses a port that is taken', async () => {
  await expect(startBroker({ port: broker.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
