import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
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

import type { Projection } from '../definition/define-projection.ts'

let database: ConsumerDatabase
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

interface ParkedRow {
  readonly at: number
  readonly status: string
  readonly reason: string
  readonly attempts: number
}

/** A ledger of its own for a test: its log, its consumers, and what lies in the database. */
async function ledger(name: string, over: Partial<Projection> = {}, topic: LedgerTopicOptions = {}) {
  const events = `${name}.events`
  const partitions = topic.partitions ?? 1
  const log = new MemoryLog({ [events]: partitions })
  const projection = ledgerProjection(name, [ledgerTopic(events, partitions, topic)], over)
  const model = await createLedger(database, name)
  const start = async () => {
    const started = await startProjection(projection, log, database, [model])
    await started.member.assign(events)
    return started
  }
  return {
    log,
    events,
    start,
    append: (...list: readonly MemoryEvent[]) => log.append(events, ...list),
    rows: async () => readLedger(database, name),
    parked: async () =>
      database.query<ParkedRow>(
        `SELECT record_offset::int AS at, status, reason, attempts FROM millrace.parked WHERE consumer = $1 ORDER BY 1`,
        `${name}.v1`,
      ),
    mark: async (status: string, ...offsets: readonly number[]) =>
      database.execute(
        `UPDATE millrace.parked SET status = $1 WHERE consumer = $2 AND record_offset = ANY ($3::bigint[])`,
        status,
        `${name}.v1`,
        offsets,
      ),
    counts: async () => {
      const [counts] = await database.query<Record<string, number>>(
        `SELECT applied::int, repeated::int, filtered::int, parked_total::int AS parked, next_offset::int AS next
         FROM millrace.checkpoint WHERE consumer = $1`,
        `${name}.v1`,
      )
      return counts
    },
  }
}

const added = (key: string | null, n: number, more: Partial<MemoryEvent> = {}): MemoryEvent => ({
  type: 'Added',
  key,
  data: { n },
  ...more,
})

describe('parking', () => {
  it('accounts for every record: applied, repeated, filtered and parked are the records below next', async () => {
    const it = await ledger('counted', { ignore: ['Ignored'] })
    it.append(
      added('a', 1, { id: 'one' }),
      added('a', 1, { id: 'one' }),
      { type: 'Ignored', key: 'a', data: {} },
      { type: 'Unnamed', key: 'b', data: {} },
      added('b', 1),
      added('c', 1, { value: Buffer.from('{') }),
      added('c', 1),
      added(null, 1, { value: Buffer.from('no') }),
      added('d', 3),
      added('e', 3, { value: null }),
    )
    const { member, consumer } = await it.start()
    expect(await member.deliver(it.events, 0)).toBe('committed')
    expect(await it.counts()).toEqual({ applied: 3, repeated: 1, filtered: 1, parked: 5, next: 10 })
    expect((await it.parked()).map(({ at, status, reason }) => [at, status, reason])).toEqual([
      [3, 'parked', 'unnamed-type'],
      [4, 'behind', 'behind'],
      [5, 'parked', 'undecodable'],
      [6, 'behind', 'behind'],
      [7, 'parked', 'undecodable'],
    ])
    expect((await it.rows()).map(({ id, total }) => [id, total])).toEqual([
      ['a', 1],
      ['d', 3],
    ])
    await consumer.stop()
  })

  it('parks records at a wrong partition, unless the topic takes them where they lie', async () => {
    const strict = await ledger('strict', {}, { partitions: 2 })
    const lax = await ledger('lax', {}, { partitions: 2, partitioner: 'any' })
    for (const it of [strict, lax]) {
      it.append(added('a', 1, { partition: 0 }), added('a', 1, { partition: 1 }))
      const { member, consumer } = await it.start()
      await member.deliverAll(it.events)
      await consumer.stop()
    }
    expect(await strict.parked()).toMatchObject([{ at: 0, reason: 'wrong-partition' }])
    expect(await strict.rows()).toMatchObject([{ id: 'a', total: 1 }])
    expect(await lax.parked()).toEqual([])
    expect(await lax.rows()).toMatchObject([{ id: 'a', total: 2 }])
  })

  it('keeps later events of a key behind a parked one over batches and restarts', async () => {
    const it = await ledger('behind')
    it.append(added('a', 1), added('a', 666), added('b', 1))
    let { member, consumer } = await it.start()
    await member.deliver(it.events, 0)
    it.append(added('a', 2))
    await member.deliver(it.events, 0)
    await consumer.stop()
    it.append(added('a', 3), added('b', 2))
    ;({ member, consumer } = await it.start())
    await member.deliver(it.events, 0)
    expect((await it.parked()).map(({ at, status }) => [at, status])).toEqual([
      [1, 'parked'],
      [3, 'behind'],
      [4, 'behind'],
    ])
    expect((await it.rows()).map(({ id, total }) => [id, total])).toEqual([
      ['a', 1],
      ['b', 3],
    ])
    await consumer.stop()
  })

  it('redrives in order: the event, then those behind it, until one fails again', async () => {
    const it = await ledger('redriven')
    const records = it.append(
      added('a', 1),
      added('a', 666),
      added('a', 2),
      added('a', 3),
      added('a', 666),
      added('a', 4),
    )
    const { member, consumer } = await it.start()
    await member.deliver(it.events, 0)
    // Failing again, it is parked again, one attempt further.
    await it.mark('redrive', 1)
    await consumer.runParkedWork()
    expect(await it.parked()).toMatchObject([
      { at: 1, status: 'parked', attempts: 2 },
      { at: 2, status: 'behind' },
      { at: 3, status: 'behind' },
      { at: 4, status: 'behind' },
      { at: 5, status: 'behind' },
    ])
    // The bug is fixed: as if the event had been another one.
    await repair(it.events, 1, { n: 10 })
    await it.mark('redrive', 1)
    await consumer.runParkedWork()
    expect(await it.parked()).toMatchObject([
      { at: 4, status: 'parked', reason: 'handler-error', attempts: 1 },
      { at: 5, status: 'behind' },
    ])
    const [row] = await it.rows()
    expect(row).toMatchObject({ total: 16, chain: chainOf(records.slice(0, 4)) })
    expect(await it.counts()).toEqual({ applied: 1, repeated: 0, filtered: 0, parked: 5, next: 6 })
    // A mark on an event behind another one waits for that one.
    await it.mark('redrive', 5)
    await consumer.runParkedWork()
    expect(await it.parked()).toMatchObject([
      { at: 4, status: 'parked' },
      { at: 5, status: 'redrive' },
    ])
    await consumer.stop()
  })

  it('discards one event and goes on with those behind it, then the key flows again', async () => {
    const it = await ledger('discarded')
    it.append(added('a', 666), added('a', 2), added(null, 666))
    const { member, consumer } = await it.start()
    await member.deliver(it.events, 0)
    await it.mark('discard', 0, 2)
    await consumer.runParkedWork()
    expect(await it.parked()).toEqual([])
    expect(consumer.status().partitions).toMatchObject([{ parkedKeys: 0 }])
    it.append(added('a', 3))
    await member.deliver(it.events, 0)
    expect(await it.rows()).toMatchObject([{ id: 'a', total: 5 }])
    await consumer.stop()
  })

  it('goes on with events whose predecessor was discarded by an owner that ended right after', async () => {
    const it = await ledger('orphaned')
    it.append(added('a', 666), added('a', 2))
    const first = await it.start()
    await first.member.deliver(it.events, 0)
    await first.consumer.stop()
    await database.execute(`DELETE FROM millrace.parked WHERE consumer = 'orphaned.v1' AND record_offset = 0`)
    const second = await it.start()
    await second.consumer.runParkedWork()
    expect(await it.parked()).toEqual([])
    expect(await it.rows()).toMatchObject([{ id: 'a', total: 2 }])
    await second.consumer.stop()
  })

  it('drops repeats over batches and restarts, and only within the window', async () => {
    const it = await ledger('repeats')
    it.append(added('a', 1, { id: 'x' }), added('a', 1, { id: 'y' }))
    let { member, consumer } = await it.start()
    await member.deliver(it.events, 0)
    it.append(added('a', 1, { id: 'x' }))
    await member.deliver(it.events, 0)
    await consumer.stop()
    it.append(added('a', 1, { id: 'y' }), added('a', 1, { id: 'z' }))
    ;({ member, consumer } = await it.start())
    await member.deliver(it.events, 0)
    expect(await it.rows()).toMatchObject([{ total: 3 }])
    expect(await it.counts()).toMatchObject({ applied: 3, repeated: 2 })
    await consumer.stop()
  })

  it('knows no repeats on a compacted topic', async () => {
    const it = await ledger('compacted', {}, { cleanup: 'compact' })
    it.append(added('a', 1, { id: 'x' }), added('a', 1, { id: 'x' }))
    const { member, consumer } = await it.start()
    await member.deliver(it.events, 0)
    expect(await it.rows()).toMatchObject([{ total: 2 }])
    expect(await database.query(`SELECT 1 FROM millrace.event_ids WHERE consumer = 'compacted.v1'`)).toEqual([])
    await consumer.stop()
  })
})

async function repair(topic: string, offset: number, data: unknown): Promise<void> {
  await database.execute(
    'UPDATE millrace.parked SET record_value = $1::bytea WHERE topic = $2 AND record_offset = $3',
    Buffer.from(JSON.stringify(data)),
    topic,
    offset,
  )
}
