import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { ledgerTopic } from '../../tests/fixtures/ledger.ts'
import { MemoryLog, type MemoryEvent } from '../../tests/fixtures/memory-log.ts'
import { producedLog } from '../../tests/fixtures/produced-log.ts'
import { standingClock, startSending, tell, told } from '../../tests/fixtures/sending-consumer.ts'
import { until } from '../../tests/fixtures/until.ts'
import type { Worker, WorkerContext, WorkerFailure } from '../definition/define-worker.ts'
import type { Event } from '../definition/event-type.ts'
import { permanent } from '../definition/permanent.ts'
import type { Emission } from '../definition/send.ts'
import { workerStrategy } from './worker-strategy.ts'

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
  readonly due: Date | null
  readonly detail: string
}

type Handler = (event: Event, context: WorkerContext) => Promise<readonly Emission[]>

/** A worker of its own for a test: its log, what it sent, and what lies in the database. */
function worker(name: string, handle: Handler, over: Partial<Worker> = {}) {
  const topic = ledgerTopic(`${name}.asked`, 1)
  const log = new MemoryLog({ [topic.name]: 1 })
  const sent = producedLog()
  const clock = standingClock()
  const definition = {
    kind: 'worker',
    name,
    version: 1,
    from: [topic],
    to: [told],
    ignore: [],
    concurrency: 5,
    timeoutMs: 60_000,
    retryDelaysMs: [1000, 5000],
    expiresAt: null,
    failed: null,
    handle: { Added: handle },
    ...over,
  } as unknown as Worker
  return {
    topic: topic.name,
    sent,
    clock,
    ask: (...ids: readonly string[]) => log.append(topic.name, ...ids.map(asked)),
    start: () =>
      startSending(
        definition,
        (outputs) =>
          workerStrategy({
            worker: definition,
            outputs,
            idempotencyKey: ({ id }) => `key of ${id}`,
            clock,
            logger: { info: () => undefined } as never,
            random: () => 0,
          }),
        { log, sent, database, clock },
      ),
    parked: () =>
      database.query<ParkedRow>(
        `SELECT record_offset::int AS at, status, reason, attempts, due_at AS due, detail FROM millrace.parked
         WHERE consumer = $1 ORDER BY 1`,
        `${name}.v1`,
      ),
    next: async () => {
      const [row] = await database.query<{ next: number }>(
        `SELECT next_offset::int AS next FROM millrace.checkpoint WHERE consumer = $1`,
        `${name}.v1`,
      )
      return row?.next
    },
  }
}

/** `a1` is the first event of key a. */
const asked = (id: string): MemoryEvent => ({ type: 'Added', key: id[0] ?? '', data: {}, id })

const idOf = (record: { readonly headers: Readonly<Record<string, Buffer | string | undefined>> }): string =>
  String(record.headers['ce_id'])

describe('a worker', () => {
  it('tries again when the time has come; later events of the key wait behind, other keys flow', async () => {
    const runs: string[] = []
    const it = worker('retrying', async ({ id }, { attempt, idempotencyKey }) => {
      expect(idempotencyKey).toBe(`key of ${id}`)
      runs.push(`${id}#${attempt}`)
      if (id === 'a1' && attempt < 3) throw new Error('not yet')
      return [tell(id, 'done')]
    })
    it.ask('a1', 'a2', 'b1', 'b2')
    const { member, consumer } = await it.start()
    expect(await member.deliver(it.topic, 0)).toBe('committed')
    const begun = it.clock.now().getTime()
    expect(runs.toSorted()).toEqual(['a1#1', 'b1#1', 'b2#1'])
    expect(await it.parked()).toMatchObject([
      { at: 0, status: 'waiting', reason: 'retry', attempts: 1, due: new Date(begun + 1000) },
      { at: 1, status: 'behind', attempts: 0 },
    ])

    await consumer.runParkedWork()
    expect(runs).toHaveLength(3)
    it.clock.move(1000)
    await consumer.runParkedWork()
    expect(runs.slice(3)).toEqual(['a1#2'])
    expect(await it.parked()).toMatchObject([{ at: 0, attempts: 2, due: new Date(begun + 6000) }, { at: 1 }])
    it.ask('a3')
    await member.deliver(it.topic, 0)
    it.clock.move(5000)
    await consumer.runParkedWork()
    expect(runs.slice(4)).toEqual(['a1#3', 'a2#1', 'a3#1'])
    expect(await it.parked()).toEqual([])
    expect(it.sent.records).toHaveLength(5)
    await consumer.stop()
  })

  it('answers what failed for good; parks it where nobody answers', async () => {
    const handle: Handler = async () => {
      throw permanent('NO_SUCH_PLACE', 'nowhere')
    }
    const failures: WorkerFailure[] = []
    const failed = (event: Event, failure: WorkerFailure): readonly Emission[] => {
      failures.push(failure)
      return [tell(event.id, failure.reason)]
    }
    const answering = worker('answering', handle, { failed })
    answering.ask('a1')
    const first = await answering.start()
    await first.member.deliver(answering.topic, 0)
    await first.consumer.stop()
    expect(failures).toMatchObject([{ reason: 'permanent', code: 'NO_SUCH_PLACE', attempts: 1, parkedAt: null }])
    expect(answering.sent.records).toHaveLength(1)
    expect(await answering.parked()).toEqual([])

    const silent = worker('silent', handle)
    silent.ask('a1', 'a2', 'b1')
    const second = await silent.start()
    await second.member.deliver(silent.topic, 0)
    await second.consumer.stop()
    expect(await silent.parked()).toMatchObject([
      { at: 0, status: 'parked', reason: 'permanent', detail: 'NO_SUCH_PLACE: nowhere' },
      { at: 1, status: 'behind' },
      { at: 2, status: 'parked' },
    ])
    expect(await silent.next()).toBe(3)
  })

  it('parks and answers what failed at every attempt', async () => {
    const failures: WorkerFailure[] = []
    const it = worker(
      'exhausted',
      async () => {
        throw new Error('still not')
      },
      {
        failed: (event: Event, failure: WorkerFailure) => {
          failures.push(failure)
          return [tell(event.id, failure.reason)]
        },
      },
    )
    it.ask('a1')
    const { member, consumer } = await it.start()
    await member.deliver(it.topic, 0)
    for (const ms of [1000, 5000]) {
      it.clock.move(ms)
      await consumer.runParkedWork()
    }
    expect(failures).toMatchObject([
      { reason: 'exhausted', attempts: 3, parkedAt: { topic: it.topic, partition: 0, offset: 0n } },
    ])
    expect(await it.parked()).toMatchObject([{ at: 0, status: 'parked', reason: 'exhausted', attempts: 3, due: null }])
    expect(it.sent.records).toHaveLength(1)
    await consumer.stop()
  })

  it('does not run what is expired', async () => {
    const runs: string[] = []
    const it = worker('late', async ({ id }) => (runs.push(id), []), {
      expiresAt: ({ id }: Event) => (id === 'a1' ? new Date(0) : null),
      failed: (event: Event, { reason }: WorkerFailure) => [tell(event.id, reason)],
    })
    it.ask('a1', 'a2')
    const { member, consumer } = await it.start()
    await member.deliver(it.topic, 0)
    await consumer.stop()
    expect(runs).toEqual(['a2'])
    expect(it.sent.records).toHaveLength(1)
    expect(await it.parked()).toEqual([])
  })

  it('aborts an attempt whose time is up, and counts it', async () => {
    let reason: unknown
    const it = worker(
      'slow',
      async (_, { signal }) =>
        new Promise<readonly Emission[]>(() => signal.addEventListener('abort', () => void (reason = signal.reason))),
      { timeoutMs: 20 },
    )
    it.ask('a1')
    const { member, consumer } = await it.start()
    await member.deliver(it.topic, 0)
    await consumer.stop()
    expect(reason).toMatchObject({ code: 'MILLRACE_WORK_TIMEOUT' })
    expect(await it.parked()).toMatchObject([{ at: 0, status: 'waiting', reason: 'retry', attempts: 1 }])
  })

  it('that dies between the acknowledgement and the commit sends the same events again, in the same order', async () => {
    const it = worker('dying', async ({ id }) => [tell(id, 'one'), tell(id, 'two')], { concurrency: 1 })
    it.ask('a1', 'b1')
    // The process that never comes back from its write is one that was killed there.
    it.sent.after = async () => new Promise<never>(() => undefined)
    const dead = await it.start()
    void dead.member.deliver(it.topic, 0)
    await until('the first events are on the log', () => it.sent.records.length === 2)
    expect(await it.next()).toBe(0)

    it.sent.after = () => undefined
    const { member, consumer } = await it.start()
    expect(await member.deliver(it.topic, 0)).toBe('committed')
    const ids = it.sent.records.map(idOf)
    expect(ids).toHaveLength(6)
    expect(ids.slice(2, 4)).toEqual(ids.slice(0, 2))
    expect(new Set(ids).size).toBe(4)
    expect(it.sent.records[2]?.value).toEqual(it.sent.records[0]?.value)
    expect(await it.next()).toBe(2)
    await consumer.stop()
  })
})
