import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineEvent, defineProducer, defineTopic, schedule, send, type SchedulePlan } from '../index.ts'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { until } from '../../tests/fixtures/until.ts'
import { type SchedulerOptions, startScheduler } from './start-scheduler.ts'

const Ticked = defineEvent<'Ticked', { readonly plan: string; readonly dueAt: Date }>('Ticked', 'test.v1.Ticked', {})
const ticks = defineTopic({ name: 'test.ticks', key: 'plan', events: [Ticked] })

let database: ConsumerDatabase
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

/** A producer of its own for each test, a clock that the test moves, and what was emitted. */
function world(name: string, plans: SchedulePlan[]) {
  let now = new Date('2026-01-01T00:00:30Z')
  const emitted: string[] = []
  const warnings: string[] = []
  const producer = defineProducer({
    name,
    source: schedule({ plans: () => plans }),
    to: [ticks],
    produce: ({ planId, dueAt }) => [send(ticks, Ticked({ plan: planId, dueAt }))],
  })
  const start = (over: Partial<SchedulerOptions> = {}) =>
    startScheduler({
      producers: [producer],
      database,
      emit: (_producer, inputId) => (emitted.push(inputId), Promise.resolve()),
      clock: { now: () => now, sleep: () => new Promise((done) => setImmediate(done)) },
      warn: (message) => warnings.push(message),
      refreshMs: 0,
      ...over,
    })
  const nextAt = async (): Promise<string | null> => {
    const [row] = await database.query<{ next_at: Date }>(
      'SELECT next_at FROM millrace.schedule WHERE producer = $1',
      name,
    )
    return row?.next_at.toISOString() ?? null
  }
  const move = (iso: string): void => {
    now = new Date(iso)
  }
  return { start, emitted, warnings, nextAt, move, plans }
}

describe('startScheduler', () => {
  it('fires each occurrence once, and plans the next', async () => {
    const { start, emitted, nextAt, move } = world('once', [{ id: 'minute', cron: '* * * * *' }])
    const scheduler = start()
    await until('it is planned', async () => (await nextAt()) === '2026-01-01T00:01:00.000Z')
    expect(emitted).toEqual([])
    move('2026-01-01T00:01:00.200Z')
    await until('it is planned', async () => (await nextAt()) === '2026-01-01T00:02:00.000Z')
    move('2026-01-01T00:02:00.200Z')
    await until('it is planned', async () => (await nextAt()) === '2026-01-01T00:03:00.000Z')
    await scheduler.stop()
    expect(emitted).toHaveLength(2)
    expect(new Set(emitted).size).toBe(2)
  })

  it('fires the same occurrence with the same id after a death before it was marked, and from two at once', async () => {
    const { start, emitted, nextAt, move } = world('again', [{ id: 'minute', cron: '* * * * *' }])
    const first = start({ emit: (_producer, inputId) => (emitted.push(inputId), Promise.reject(new Error('died'))) })
    await until('it is planned', async () => (await nextAt()) !== null)
    move('2026-01-01T00:01:00.200Z')
    await until('it fired twice', () => emitted.length >= 2)
    await first.stop()
    expect(await nextAt()).toBe('2026-01-01T00:01:00.000Z')
    const rivals = [start(), start()]
    await until('it is planned', async () => (await nextAt()) === '2026-01-01T00:02:00.000Z')
    await Promise.all(rivals.map((rival) => rival.stop()))
    expect(new Set(emitted).size).toBe(1)
  })

  it('forgets plans that are gone, plans changed ones anew, and leaves out those it cannot read', async () => {
    const { start, warnings, nextAt, plans } = world('plans', [{ id: 'p', cron: '0 * * * *' }])
    const scheduler = start()
    await until('it is planned', async () => (await nextAt()) === '2026-01-01T01:00:00.000Z')
    plans[0] = { id: 'p', cron: '30 * * * *' }
    await until('it is planned', async () => (await nextAt()) === '2026-01-01T00:30:00.000Z')
    plans[0] = { id: 'p', cron: 'nonsense' }
    await until('it is planned', async () => (await nextAt()) === null)
    await scheduler.stop()
    expect(warnings).toContain('a plan is left out')
  })
})
