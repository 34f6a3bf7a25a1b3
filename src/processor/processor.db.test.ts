import { afterAll, beforeAll, expect, it } from 'vitest'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { createLedger, ledgerProjection, ledgerTopic, readLedger } from '../../tests/fixtures/ledger.ts'
import { MemoryLog, type MemoryEvent } from '../../tests/fixtures/memory-log.ts'
import { producedLog } from '../../tests/fixtures/produced-log.ts'
import { startProjection } from '../../tests/fixtures/projection-consumer.ts'
import { standingClock, startSending, tell, told } from '../../tests/fixtures/sending-consumer.ts'
import { until } from '../../tests/fixtures/until.ts'
import type { Processor, ProcessorContext } from '../definition/define-processor.ts'
import type { Event } from '../definition/event-type.ts'
import { ProcessorStrategy } from './processor-strategy.ts'

let database: ConsumerDatabase
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

/** A processor that keeps a ledger as its state and tells each key's total. */
async function totals(name: string, check: (event: Event) => void = () => undefined) {
  const topic = ledgerTopic(`${name}.events`, 1)
  const log = new MemoryLog({ [topic.name]: 1 })
  const sent = producedLog()
  const clock = standingClock()
  const model = await createLedger(database, name)
  const definition = {
    kind: 'processor',
    name,
    version: 1,
    from: [topic],
    to: [told],
    ignore: [],
    state: ledgerProjection(name, [topic]).tables,
    on: {
      Added: (event: Event, context: ProcessorContext) => {
        check(event)
        const { total } = context.state(model.name as never) as unknown as { total: number }
        return [tell(event.key ?? '', `${event.id}: ${total}`)]
      },
    },
  } as unknown as Processor
  const models = new Map([[model.name, model]])
  return {
    topic: topic.name,
    sent,
    add: (...events: readonly MemoryEvent[]) => log.append(topic.name, ...events),
    start: () =>
      startSending(definition, (outputs) => new ProcessorStrategy(definition, { models, database, outputs }), {
        log,
        sent,
        database,
        clock,
      }),
    rows: () => readLedger(database, name),
    parked: () =>
      database.query<{ at: number; status: string }>(
        `SELECT record_offset::int AS at, status, reason FROM millrace.parked WHERE consumer = $1 ORDER BY 1`,
        `${name}.v1`,
      ),
    redrive: () =>
      database.execute(
        `UPDATE millrace.parked SET status = 'redrive' WHERE consumer = $1 AND status = 'parked'`,
        `${name}.v1`,
      ),
  }
}

const added = (id: string, n: number): MemoryEvent => ({ type: 'Added', key: id[0] ?? '', data: { n }, id })

/** What was told, in order: the text after the id of the key. */
const textsOf = ({ records }: ReturnType<typeof producedLog>): string[] =>
  records.map(({ value }) => /\w\d: \d+/.exec(value?.toString('latin1') ?? '')?.[0] ?? '')

it('a death between the acknowledgement and the commit repeats the same events, and the next consumer applies each once', async () => {
  const first = await totals('repeating')
  first.add(added('a1', 1), added('a2', 2), added('b1', 5))
  // The process that never comes back from its write is one that was killed there.
  first.sent.after = async () => new Promise<never>(() => undefined)
  const dead = await first.start()
  void dead.member.deliver(first.topic, 0)
  await until('its events are on the log', () => first.sent.records.length === 3)
  expect(await first.rows()).toEqual([])

  first.sent.after = () => undefined
  const { member, consumer } = await first.start()
  expect(await member.deliver(first.topic, 0)).toBe('committed')
  await consumer.stop()
  expect(await first.rows()).toMatchObject([
    { id: 'a', total: 3 },
    { id: 'b', total: 5 },
  ])
  const { records } = first.sent
  expect(textsOf(first.sent)).toEqual(['a1: 1', 'a2: 3', 'b1: 5', 'a1: 1', 'a2: 3', 'b1: 5'])
  const ids = records.map(({ headers }) => String(headers['ce_id']))
  expect(ids.slice(3)).toEqual(ids.slice(0, 3))
  expect(new Set(ids).size).toBe(3)

  const counted = ledgerTopic('repeated.events', 1)
  const log = new MemoryLog({ [counted.name]: 1 })
  log.append(counted.name, ...ids.map((id): MemoryEvent => ({ type: 'Added', key: 'all', data: { n: 1 }, id })))
  const model = await createLedger(database, 'repeated')
  const next = await startProjection(ledgerProjection('repeated', [counted]), log, database, [model])
  await next.member.assign(counted.name)
  await next.member.deliver(counted.name, 0)
  await next.consumer.stop()
  expect(await readLedger(database, 'repeated')).toMatchObject([{ id: 'all', total: 3 }])
})

it('a parked event does not move the state; a redrive folds it and those behind it in order', async () => {
  let isBroken = true
  const it = await totals('parking', ({ id }) => {
    if (isBroken && id === 'a2') throw new Error('no luck')
  })
  it.add(added('a1', 1), added('a2', 10), added('b1', 5), added('a3', 100))
  const { member, consumer } = await it.start()
  expect(await member.deliver(it.topic, 0)).toBe('committed')
  expect(await it.parked()).toMatchObject([
    { at: 1, status: 'parked', reason: 'handler-error' },
    { at: 3, status: 'behind' },
  ])
  expect(await it.rows()).toMatchObject([
    { id: 'a', total: 1 },
    { id: 'b', total: 5 },
  ])
  expect(textsOf(it.sent)).toEqual(['a1: 1', 'b1: 5'])

  isBroken = false
  await it.redrive()
  await consumer.runParkedWork()
  await consumer.stop()
  expect(await it.parked()).toEqual([])
  expect(await it.rows()).toMatchObject([
    { id: 'a', total: 111 },
    { id: 'b', total: 5 },
  ])
  expect(textsOf(it.sent).slice(2)).toEqual(['a2: 11', 'a3: 111'])
})
