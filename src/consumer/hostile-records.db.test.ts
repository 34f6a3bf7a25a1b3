import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { createLedger, ledgerProjection, ledgerTopic, readLedger } from '../../tests/fixtures/ledger.ts'
import { MemoryLog, type MemoryEvent } from '../../tests/fixtures/memory-log.ts'
import { startProjection } from '../../tests/fixtures/projection-consumer.ts'
import { PostgresParking } from '../parking/postgres-parking.ts'
import type { AnyTable } from '../definition/table.ts'
import type { Projection } from '../definition/define-projection.ts'

let database: ConsumerDatabase
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

const added = (key: string, n: number, more: Partial<MemoryEvent> = {}): MemoryEvent => ({
  type: 'Added',
  key,
  data: { n },
  ...more,
})

/** With the partitioner `any`, rows are written in transactions that reserve them first. */
async function ledger(name: string, over: Partial<Projection> = {}, partitioner: 'murmur2' | 'any' = 'murmur2') {
  const events = `${name}.events`
  const log = new MemoryLog({ [events]: 1 })
  const model = await createLedger(database, name)
  const projection = ledgerProjection(name, [ledgerTopic(events, 1, { partitioner })], over)
  const { member, consumer } = await startProjection(projection, log, database, [model])
  await member.assign(events)
  return {
    consumer,
    append: (...list: readonly MemoryEvent[]) => log.append(events, ...list),
    deliver: async () => member.deliver(events, 0),
    rows: async () => (await readLedger(database, name)).map(({ id, total }) => [id, total]),
    parked: async () =>
      database.query<{ at: number; reason: string; detail: string; headers: object }>(
        `SELECT record_offset::int AS at, reason, detail, record_headers AS headers FROM millrace.parked
         WHERE consumer = $1 ORDER BY 1`,
        `${name}.v1`,
      ),
    redrive: async () => {
      await database.execute(`UPDATE millrace.parked SET status = 'redrive' WHERE consumer = $1`, `${name}.v1`)
      await consumer.runParkedWork()
    },
  }
}

it.each(['murmur2', 'any'] as const)(
  'parks an event whose row key is too long for an index (%s)',
  async (partitioner) => {
    const it = await ledger(`long-row-${partitioner}`, {}, partitioner)
    it.append(added('a', 1), added(randomBytes(20_000).toString('hex'), 1), added('b', 1))
    expect(await it.deliver()).toBe('committed')
    expect(await it.parked()).toMatchObject([{ at: 1, reason: 'database' }])
    expect(await it.rows()).toEqual([
      ['a', 1],
      ['b', 1],
    ])
    await it.consumer.stop()
  },
)

it('parks and redrives records whose own key is long, in order', async () => {
  const it = await ledger('long-record-key', {}, 'any')
  const long = randomBytes(50_000).toString('hex')
  const row = 'short'
  it.append({ ...added(long, 1), data: { n: 666, row } }, { ...added(long, 2), data: { n: 2, row } }, added('b', 1))
  expect(await it.deliver()).toBe('committed')
  expect(await it.parked()).toMatchObject([
    { at: 0, reason: 'handler-error' },
    { at: 1, reason: 'behind' },
  ])
  await database.execute(`DELETE FROM millrace.parked WHERE consumer = 'long-record-key.v1' AND record_offset = 0`)
  await it.redrive()
  expect(await it.parked()).toEqual([])
  expect(await it.rows()).toEqual([
    ['b', 1],
    ['short', 2],
  ])
  await it.consumer.stop()
})

it('parks with the beginning of a message that would be cut within a character', async () => {
  const table = {
    key: ({ key }: { readonly key: string }) => key,
    initial: { total: 0, chain: '' },
    evolve: {
      Added(row: object, { data }: { readonly data: { readonly text?: string } }) {
        if (data.text !== undefined) throw new Error(data.text)
        return row
      },
    },
  } as unknown as AnyTable
  const it = await ledger('long-detail', { tables: { Ledger_long_detail: table } })
  // Whatever stands before it, one of two neighbouring lengths has the cut in the middle of a pair.
  const text = '💥'.repeat(4000)
  it.append({ ...added('a', 1), data: { text } }, { ...added('b', 1), data: { text: `x${text}` } }, added('c', 1))
  expect(await it.deliver()).toBe('committed')
  expect((await it.parked()).map(({ at, detail }) => [at, detail.length > 3900])).toEqual([
    [0, true],
    [1, true],
  ])
  await it.consumer.stop()
})

it('keeps every header of a parked record, whatever it is called', async () => {
  const it = await ledger('headers')
  const headers = JSON.parse('{"__proto__":null,"constructor":null,"a":null}') as Record<string, Buffer>
  for (const name of Object.keys(headers)) {
    Object.defineProperty(headers, name, { value: Buffer.from([0, 0xff]), enumerable: true })
  }
  headers['nul\0'] = Buffer.from('\0')
  it.append(added('a', 666, { headers }), added('b', 1))
  expect(await it.deliver()).toBe('committed')
  const [parked] = await it.parked()
  expect(Object.keys(parked?.headers ?? {}).sort()).toEqual(['__proto__', 'a', 'ce_type', 'constructor', 'nul\uFFFD'])
  await it.redrive()
  expect((await it.parked())[0]?.headers).toEqual(parked?.headers)
  await it.consumer.stop()
})

it('redrives more than fits into memory in pieces, in order', async () => {
  const it = await ledger('large')
  const big = (n: number): MemoryEvent => ({ ...added('a', 1), data: { n, pad: 'x'.repeat(1_000_000) } })
  it.append(added('a', 666), ...Array.from({ length: 30 }, (_, index) => big(index + 1)))
  expect(await it.deliver()).toBe('committed')
  expect(await it.parked()).toHaveLength(31)
  const at = { topic: 'large.events', partition: 0 }
  const first = await new PostgresParking(database, 'large.v1').loadKey(at, Buffer.from('a'), 500)
  expect(first.map(({ record }) => Number(record.offset))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  await database.execute(`DELETE FROM millrace.parked WHERE consumer = 'large.v1' AND record_offset = 0`)
  await it.redrive()
  expect(await it.parked()).toEqual([])
  expect(await it.rows()).toEqual([['a', 465]])
  await it.consumer.stop()
})
