import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startBroker, type Broker } from '../../embedded/broker/start-broker.ts'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import { until } from '../../tests/fixtures/until.ts'
import { connectKafka } from './connect-kafka.ts'
import type { FetchedBatch, KafkaPort, RecordProducer } from './kafka-port.ts'
import { prefixTopics } from './prefix-topics.ts'

let broker: Broker
let kafka: KafkaPort
let producer: RecordProducer

beforeAll(async () => {
  broker = await startBroker()
  kafka = connectKafka({ brokers: [broker.address], clientId: 'test' }, silentLogger)
  producer = await kafka.createProducer()
})
afterAll(async () => {
  await kafka.close()
  await broker.stop()
})

async function fill(topic: string, partitions: number, count: number): Promise<void> {
  await kafka.admin.create([{ name: topic, partitions, configs: {} }])
  const value = Buffer.from('value')
  await producer.send(
    Array.from({ length: count }, (_, index) => ({
      topic,
      partition: index % partitions,
      key: null,
      value,
      headers: {},
    })),
  )
}

describe('topic admin', () => {
  it('creates what is missing, with its settings, and leaves the rest', async () => {
    const spec = { name: 'admin.created', partitions: 3, configs: { 'cleanup.policy': 'compact' } }
    await kafka.admin.create([spec])
    await kafka.admin.create([spec, { name: 'admin.second', partitions: 1, configs: { 'retention.ms': '-1' } }])
    expect(await kafka.admin.describe(['admin.created', 'admin.second', 'admin.missing'])).toEqual([
      { name: 'admin.created', partitions: 3 },
      { name: 'admin.second', partitions: 1 },
    ])
    await kafka.admin.delete(['admin.second'])
    expect(await kafka.admin.describe(['admin.second'])).toEqual([])
  })

  it('does not accept a topic with another number of partitions', async () => {
    await kafka.admin.create([{ name: 'admin.partitions', partitions: 2, configs: {} }])
    const other = kafka.admin.create([{ name: 'admin.partitions', partitions: 4, configs: {} }])
    await expect(other).rejects.toMatchObject({ code: 'MILLRACE_TOPIC_PARTITIONS', context: { wanted: 4, found: 2 } })
  })

  it('tells where a topic begins and ends, and what was written since a time', async () => {
    await fill('admin.offsets', 2, 5)
    expect(await kafka.admin.watermarks('admin.offsets')).toEqual([
      { partition: 0, low: 0n, high: 3n },
      { partition: 1, low: 0n, high: 2n },
    ])
    const offsets = (time: number) => kafka.admin.offsetsAt('admin.offsets', time)
    expect((await offsets(0)).map(({ offset }) => offset)).toEqual([0n, 0n])
    expect((await offsets(Date.now() + 60_000)).map(({ offset }) => offset)).toEqual([3n, 2n])
  })

  it('knows no offsets of a group that is not there, and deletes it all the same', async () => {
    await fill('admin.group', 1, 1)
    expect(await kafka.admin.committed('admin.nobody', ['admin.group'])).toEqual([
      { topic: 'admin.group', partition: 0, offset: -1n },
    ])
    await expect(kafka.admin.deleteGroup('admin.nobody')).resolves.toBeUndefined()
  })

  it('says that Kafka is away', async () => {
    const nowhere = connectKafka(
      { brokers: ['127.0.0.1:1'], clientId: 'nowhere', connectionTimeoutMs: 200 },
      silentLogger,
    )
    await expect(nowhere.admin.describe()).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_UNAVAILABLE',
      retriable: true,
    })
    await nowhere.close()
  })
})

/** Open sockets of this process, in which the broker runs too. */
const openSockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

describe('range reader', () => {
  it('closes what it opened for several partitions at once, or a program would not end', async () => {
    await fill('reader.sockets', 6, 60)
    const before = openSockets()
    const ranges = [0, 1, 2, 3, 4, 5].map((partition) => ({ topic: 'reader.sockets', partition, from: 0n, to: 10n }))
    let read = 0
    await kafka.reader.read(ranges, ({ records }) => {
      read += records.length
      return Promise.resolve()
    })
    expect(read).toBe(60)
    await until('every connection is closed', () => openSockets() <= before)
  })

  it('reads each range exactly, in order, over many batches', async () => {
    await fill('reader.exact', 2, 10_000)
    const ranges = [
      { topic: 'reader.exact', partition: 0, from: 17n, to: 4_321n },
      { topic: 'reader.exact', partition: 1, from: 0n, to: 1n },
    ]
    const read: bigint[][] = [[], []]
    const ends: bigint[] = [17n, 0n]
    await kafka.reader.read(ranges, ({ partition, records, fetchedOffset, nextOffset }) => {
      expect(fetchedOffset).toBe(ends[partition])
      ends[partition] = nextOffset
      read[partition]?.push(...records.map(({ offset }) => offset))
      return Promise.resolve()
    })
    expect(read[0]).toEqual(Array.from({ length: 4_304 }, (_, index) => BigInt(index + 17)))
    expect(read[1]).toEqual([0n])
    expect(ends).toEqual([4_321n, 1n])
  })

  it('waits for what is not written yet, and ends when it is told to', async () => {
    await fill('reader.tail', 1, 2)
    const read: bigint[] = []
    const collect = ({ records }: FetchedBatch) =>
      Promise.resolve(void read.push(...records.map(({ offset }) => offset)))
    const tail = kafka.reader.read([{ topic: 'reader.tail', partition: 0, from: 0n, to: 4n }], collect)
    await until('what is there was read', () => read.length === 2)
    await fill('reader.tail', 1, 2)
    await tail
    expect(read).toEqual([0n, 1n, 2n, 3n])
    const stop = new AbortController()
    const endless = kafka.reader.read([{ topic: 'reader.tail', partition: 0, from: 4n, to: 9n }], collect, stop.signal)
    stop.abort(new Error('enough'))
    await expect(endless).rejects.toThrow('enough')
  })

  it('says that the log does not hold an offset', async () => {
    await fill('reader.range', 1, 1)
    const read = kafka.reader.read([{ topic: 'reader.range', partition: 0, from: 5n, to: 9n }], () => Promise.resolve())
    await expect(read).rejects.toMatchObject({ code: 'MILLRACE_OFFSET_OUT_OF_RANGE', context: { offset: 5n } })
  })

  it('passes on the failure of the callback', async () => {
    await fill('reader.callback', 1, 1)
    const read = kafka.reader.read([{ topic: 'reader.callback', partition: 0, from: 0n, to: 1n }], () =>
      Promise.reject(new Error('the callback failed')),
    )
    await expect(read).rejects.toThrow('the callback failed')
  })
})

describe('a port with a prefix', () => {
  it('puts it before every topic and takes it away again, headers untouched', async () => {
    const prefixed = prefixTopics(kafka, 'test.')
    await prefixed.admin.create([{ name: 'prefix', partitions: 1, configs: {} }])
    expect(await kafka.admin.describe(['test.prefix'])).toHaveLength(1)
    const prefixedProducer = await prefixed.createProducer()
    const record = { topic: 'prefix', partition: 0, key: null, value: null, headers: { ce_id: 'an-id' } }
    const position = { topic: 'prefix', partition: 0, offset: 0n }
    expect(await prefixedProducer.send([record])).toEqual([position])
    const seen: string[] = []
    const see = ({ topic, records }: FetchedBatch): void => {
      for (const record of records) seen.push(`${topic} ${record.topic} ${record.headers['ce_id']?.toString() ?? ''}`)
    }
    await prefixed.reader.read([{ topic: 'prefix', partition: 0, from: 0n, to: 1n }], (batch) =>
      Promise.resolve(see(batch)),
    )
    const member = await prefixed.joinGroup({
      groupId: 'prefix',
      topics: ['prefix'],
      handler: {
        assigned: () => Promise.resolve([position]),
        batch: (batch) => {
          see(batch)
          return Promise.resolve({ kind: 'committed', next: batch.nextOffset })
        },
        revoked: () => undefined,
      },
    })
    await until('the member has read it', () => seen.length === 2)
    expect(seen).toEqual(['prefix prefix an-id', 'prefix prefix an-id'])
    expect(member.owned()).toEqual([{ ...position, offset: 1n }])
    await member.stop()
    expect(await prefixed.admin.committed('prefix', ['prefix'])).toEqual([{ ...position, offset: 1n }])
  })
})

describe('idle connections', () => {
  it('have no timer of their own (fault C)', async () => {
    await producer.send([])
    const load = createRequire(import.meta.url)
    const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: { checkPendingRequests(): void } }
    const checks = vi.spyOn(prototype, 'checkPendingRequests')
    await kafka.admin.describe()
    checks.mockClear()
    // With the fault there are hundreds of checks per second and connection; time passes here by reading to no avail.
    const stop = new AbortController()
    const tail = kafka.reader.read(
      [{ topic: 'reader.tail', partition: 0, from: 4n, to: 9n }],
      () => Promise.resolve(),
      stop.signal,
    )
    setTimeout(() => stop.abort(new Error('enough')), 300)
    await expect(tail).rejects.toThrow('enough')
    expect(checks.mock.calls.length).toBeLessThan(30)
    checks.mockRestore()
  })
})
