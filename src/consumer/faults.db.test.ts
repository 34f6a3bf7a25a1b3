import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { startCuttingProxy, type CuttingProxy } from '../../tests/fixtures/cutting-proxy.ts'
import {
  type LedgerTopicOptions,
  chainOf,
  createLedger,
  ledgerProjection,
  ledgerTopic,
  readLedger,
} from '../../tests/fixtures/ledger.ts'
import { MemoryLog, type MemoryEvent } from '../../tests/fixtures/memory-log.ts'
import { startProjection } from '../../tests/fixtures/projection-consumer.ts'
import type { Model } from '../database/model.ts'
import type { Projection } from '../definition/define-projection.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { ProjectionStrategy } from '../projection/projection-strategy.ts'
import type { ConsumerOptions } from './start-consumer.ts'
import type { Strategy } from './strategy.ts'

let database: ConsumerDatabase
let proxy: CuttingProxy
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url, async (url) => {
    proxy = await startCuttingProxy(url)
    return proxy.url
  })
})
afterAll(async () => {
  await database.close()
  await proxy.close()
})

const added = (key: string, n: number, more: Partial<MemoryEvent> = {}, data: object = {}): MemoryEvent => {
  return { type: 'Added', key, data: { n, ...data }, ...more }
}

async function ledger(name: string, partitions = 1, topics = [`${name}.events`], over: LedgerTopicOptions = {}) {
  const log = new MemoryLog(Object.fromEntries(topics.map((topic) => [topic, partitions])))
  const projection: Projection = ledgerProjection(
    name,
    topics.map((topic) => ledgerTopic(topic, partitions, over)),
  )
  const model: Model = await createLedger(database, name)
  return {
    log,
    topics,
    events: topics[0] ?? '',
    projection,
    models: new Map([[model.name, model]]),
    start: async (over: Partial<ConsumerOptions> = {}) => startProjection(projection, log, database, [model], over),
    rows: async () => readLedger(database, name),
    parked: async () =>
      database.query<{ at: number; reason: string; detail: string }>(
        'SELECT record_offset::int AS at, reason, detail FROM millrace.parked WHERE consumer = $1 ORDER BY 1',
        `${name}.v1`,
      ),
    checkpoint: async () => {
      const [row] = await database.query<{ next: number; revision: number; applied: number }>(
        `SELECT sum(next_offset)::int AS next, sum(revision)::int AS revision, sum(applied)::int AS applied
         FROM millrace.checkpoint WHERE consumer = $1`,
        `${name}.v1`,
      )
      return row
    },
  }
}

describe('a commit whose answer is lost', () => {
  it.each(['before', 'answer'] as const)('takes effect once when the connection is cut (%s)', async (when) => {
    const it = await ledger(`cut-${when}`)
    const { member, consumer } = await it.start()
    await member.assign(it.events)
    for (let round = 0; round < 5; round += 1) {
      const id = `cut-${when}-${round}`
      const cuts = proxy.cuts
      it.log.append(it.events, added('a', 1), added('b', 1), added('a', 1, { id }))
      // Of all that is sent, only the commit names the last record's id.
      proxy.cutNext(id, when)
      expect(await member.deliver(it.events, 0)).toBe('committed')
      expect(proxy.cuts).toBe(cuts + 1)
    }
    const own = it.log.records(it.events, 0).filter(({ key }) => key?.toString() === 'a')
    expect(await it.rows()).toMatchObject([
      { id: 'a', total: 10, chain: chainOf(own) },
      { id: 'b', total: 5 },
    ])
    expect(await it.checkpoint()).toEqual({ next: 15, revision: 5, applied: 15 })
    await consumer.stop()
  })
})

describe('a transaction over shared rows whose connection is cut', () => {
  it.each([
    ['COMMIT', 'before'],
    ['COMMIT', 'answer'],
    ['row_lock', 'before'],
    ['row_lock', 'answer'],
  ] as const)('takes effect once (%s, %s)', async (text, when) => {
    const name = `torn-${text.toLowerCase()}-${when}`
    // Keys may lie anywhere, so no row is anybody's own.
    const it = await ledger(name, 1, [`${name}.events`], { partitioner: 'any' })
    const { member, consumer } = await it.start()
    await member.assign(it.events)
    for (let round = 0; round < 3; round += 1) {
      const cuts = proxy.cuts
      it.log.append(it.events, added('a', 1), added('b', 1), added('a', 1))
      // A prepared statement is not sent again: only its first round can be cut by its text.
      if (round === 0) proxy.cutNext(text, when)
      expect(await member.deliver(it.events, 0)).toBe('committed')
      expect(proxy.cuts - cuts).toBe(round === 0 ? 1 : 0)
    }
    const own = it.log.records(it.events, 0).filter(({ key }) => key?.toString() === 'a')
    expect(await it.rows()).toMatchObject([
      { id: 'a', total: 6, chain: chainOf(own) },
      { id: 'b', total: 3 },
    ])
    expect(await it.checkpoint()).toEqual({ next: 9, revision: 3, applied: 9 })
    await consumer.stop()
  })
})

describe('data that the database refuses', () => {
  it('parks the one event in the batch, whatever is around it, and what is behind it', async () => {
    const it = await ledger('refused')
    const tooLong = { label: 'longer than twenty characters' }
    const events = Array.from({ length: 60 }, (_, at) => added(`k${at % 10}`, 1))
    events[13] = added('k3', 1, {}, tooLong)
    events[14] = added('k4', 200_000)
    events[37] = added('k7', 1, {}, { label: 'nul\u0000' })
    it.log.append(it.events, ...events)
    const { member, consumer } = await it.start()
    await member.assign(it.events)
    expect(await member.deliver(it.events, 0)).toBe('committed')
    const parked = await it.parked()
    expect(parked.filter(({ reason }) => reason === 'database').map(({ at }) => at)).toEqual([13, 14, 37])
    expect(parked.filter(({ reason }) => reason === 'behind').map(({ at }) => at)).toEqual([
      23, 24, 33, 34, 43, 44, 47, 53, 54, 57,
    ])
    expect((await it.rows()).map(({ total }) => total)).toEqual([6, 6, 6, 1, 1, 6, 6, 3, 6, 6])
    expect(await it.checkpoint()).toMatchObject({ next: 60, applied: 47 })
    await consumer.stop()
  })

  it('parks an event whose key the database refuses', async () => {
    const it = await ledger('refused-key')
    it.log.append(it.events, added('a', 1), added('b', 1, {}, { row: 'b\u0000' }), added('c', 1))
    const { member, consumer } = await it.start()
    await member.assign(it.events)
    expect(await member.deliver(it.events, 0)).not.toBe('aborted')
    await member.assign(it.events)
    await member.deliver(it.events, 0)
    expect(await it.parked()).toMatchObject([{ at: 1, reason: 'database' }])
    expect((await it.rows()).map(({ id }) => id)).toEqual(['a', 'c'])
    await consumer.stop()
  })
})

describe('rows that several partitions write', () => {
  it('are exact with two members at once, from the first event that breaks the rule on', async () => {
    const it = await ledger('shared', 4)
    const events = (from: number) =>
      Array.from({ length: 200 }, (_, at) =>
        added(`k${from + at}`, 1, {}, { row: at % 3 === 0 ? 'hub' : `hub${at % 3}` }),
      )
    // Until then every row is its key's own.
    it.log.append(it.events, ...Array.from({ length: 100 }, (_, at) => added(`k${at}`, 1)))
    const one = await it.start()
    const two = await it.start()
    await one.member.assign(it.events, [0, 1])
    await two.member.assign(it.events, [2, 3])
    const run = async () =>
      Promise.all(
        [0, 1, 2, 3].map(async (partition) => {
          const { member } = partition < 2 ? one : two
          while ((await member.deliver(it.events, partition, 10)) === 'fenced')
            await member.assign(it.events, [partition])
        }),
      )
    await run()
    expect(await database.query('SELECT 1 FROM millrace.shared_rows WHERE consumer = $1', 'shared.v1')).toEqual([])
    for (let round = 0; round < 3; round += 1) {
      it.log.append(it.events, ...events(round * 200))
      await run()
    }
    const hubs = (await it.rows()).filter(({ id }) => id.startsWith('hub'))
    expect(hubs.map(({ id, total }) => [id, total])).toEqual([
      ['hub', 201],
      ['hub1', 201],
      ['hub2', 198],
    ])
    expect(await it.checkpoint()).toMatchObject({ next: 700, applied: 700 })
    await one.consumer.stop()
    await two.consumer.stop()
  })

  it('are exact when two topics feed one row, and a rival takes one of them', async () => {
    const it = await ledger('siblings', 1, ['siblings.a', 'siblings.b'])
    const [first = '', second = ''] = it.topics
    it.log.append(first, added('k', 1))
    const one = await it.start()
    const two = await it.start()
    await one.member.assign(first)
    await one.member.assign(second)
    await one.member.deliver(first, 0)
    // The rival takes both, as the assigner would have it; the late owner's batch of either topic is refused.
    await two.member.assign(second)
    await two.member.assign(first)
    it.log.append(first, added('k', 10))
    it.log.append(second, added('k', 100))
    expect(await one.member.deliver(second, 0)).toBe('fenced')
    expect(await one.member.deliver(first, 0)).toBe('fenced')
    expect(await two.member.deliver(first, 0)).toBe('committed')
    expect(await two.member.deliver(second, 0)).toBe('committed')
    expect(await it.rows()).toMatchObject([{ id: 'k', total: 111 }])
    // Taking one topic's partition takes its sibling's with it: nobody holds one of the two each.
    await one.member.assign(first)
    it.log.append(second, added('k', 1000))
    expect(await two.member.deliver(second, 0)).toBe('fenced')
    expect(await one.member.deliver(second, 0)).toBe('committed')
    expect(await it.rows()).toMatchObject([{ id: 'k', total: 1111 }])
    await one.consumer.stop()
    await two.consumer.stop()
  })
})

describe('an event that ends the process', () => {
  it('is parked after three counted attempts, and everything around it is applied', async () => {
    const it = await ledger('deadly')
    it.log.append(
      it.events,
      ...Array.from({ length: 9 }, (_, at) => added(`k${at}`, at === 4 ? 13 : 1)),
      added('k4', 1),
    )
    let deaths = 0
    for (let start = 0; start < 12; start += 1) {
      let died = (): void => undefined
      const death = new Promise<'died'>((resolve) => {
        died = () => resolve('died')
      })
      const real = new ProjectionStrategy(it.projection, { models: it.models, database })
      const deadly: Strategy = {
        sliceSize: real.sliceSize,
        contributions: real.contributions,
        treatment: (type) => real.treatment(type),
        run: async (slice) => {
          if (!slice.deliveries.some(({ event }) => (event.data as { n: number }).n === 13)) return real.run(slice)
          died()
          // The process is gone: nothing of it is ever heard again.
          return new Promise(() => undefined)
        },
      }
      const { member } = await it.start({ strategy: deadly })
      await member.assign(it.events)
      if ((await Promise.race([member.deliver(it.events, 0), death])) === 'committed') break
      deaths += 1
    }
    expect(deaths).toBe(6)
    expect(await it.parked()).toMatchObject([
      { at: 4, reason: 'process-death' },
      { at: 9, reason: 'behind' },
    ])
    expect(await it.rows()).toHaveLength(8)
    expect(await it.checkpoint()).toMatchObject({ next: 10, applied: 8 })
  })
})

describe('a member', () => {
  it('uses no batch that does not begin at its checkpoint', async () => {
    const it = await ledger('gap')
    it.log.append(it.events, ...Array.from({ length: 6 }, () => added('a', 1)))
    const { member, consumer } = await it.start()
    await member.assign(it.events)
    const batch = {
      topic: it.events,
      partition: 0,
      fetchedOffset: 3n,
      nextOffset: 6n,
      highWatermark: 6n,
      records: it.log.records(it.events, 0).slice(3),
    }
    expect(await member.handler?.batch(batch, new AbortController().signal)).toEqual({ kind: 'committed', next: 0n })
    expect(await it.rows()).toEqual([])
    expect(await member.deliver(it.events, 0)).toBe('committed')
    expect(await it.rows()).toMatchObject([{ total: 6 }])
    await consumer.stop()
  })

  it('stops a partition whose log was cut below or above its checkpoint, and begins where a log begins', async () => {
    const it = await ledger('replaced')
    it.log.low = 5n
    it.log.append(it.events, added('a', 1), added('a', 1))
    const first = await it.start()
    await first.member.assign(it.events)
    expect(first.member.position(it.events, 0)).toBe(5n)
    await first.member.deliver(it.events, 0)
    expect(await it.checkpoint()).toMatchObject({ next: 7, applied: 2 })
    await first.consumer.stop()
    for (const low of [8n, 3n]) {
      it.log.low = low
      const { member, consumer } = await it.start()
      await member.assign(it.events)
      expect(member.position(it.events, 0)).toBeUndefined()
      expect(consumer.status().partitions).toMatchObject([{ phase: 'stopped', next: 7n }])
      await consumer.stop()
    }
    expect(await it.checkpoint()).toMatchObject({ next: 7 })
  })

  it('waits for the registry and parks nothing', async () => {
    const it = await ledger('registry')
    it.log.append(it.events, added('a', 1))
    const { jsonDecoder } = await import('../../tests/fixtures/projection-consumer.ts')
    let asked = 0
    const decoder = {
      ...jsonDecoder,
      prepare: async () => {
        asked += 1
        if (asked < 4) throw new MillraceError('MILLRACE_REGISTRY_UNAVAILABLE', 'down', { retriable: true })
      },
    }
    const { member, consumer } = await it.start({ decoder })
    await member.assign(it.events)
    expect(await member.deliver(it.events, 0)).toBe('committed')
    expect(asked).toBe(4)
    expect(await it.parked()).toEqual([])
    expect(await it.rows()).toMatchObject([{ total: 1 }])
    await consumer.stop()
  })

  it('deletes rows', async () => {
    const it = await ledger('deletes')
    it.log.append(it.events, added('a', 1), added('b', 1))
    const { member, consumer } = await it.start()
    await member.assign(it.events)
    await member.deliver(it.events, 0)
    it.log.append(it.events, added('a', -1), added('b', 0), added('c', -1))
    await member.deliver(it.events, 0)
    expect((await it.rows()).map(({ id }) => id)).toEqual(['b'])
    await consumer.stop()
  })
})
