import { describe, expect, it } from 'vitest'
import { ledgerTopic } from '../../tests/fixtures/ledger.ts'
import { MemoryLog } from '../../tests/fixtures/memory-log.ts'
import { hurriedClock, jsonDecoder } from '../../tests/fixtures/projection-consumer.ts'
import type { Strategy } from '../consumer/strategy.ts'
import type { Database } from '../database/database.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Parking } from '../parking/parked-event.ts'
import { ReplayPartition, type ReplayCounts } from './replay-partition.ts'

const parked: Parking = { status: 'parked', reason: 'permanent', code: 'P', detail: 'for good', dueAt: null }
const waiting: Parking = { ...parked, status: 'waiting', reason: 'retry', dueAt: new Date(0) }

interface Replayed {
  readonly ran: string[]
  readonly counts: ReplayCounts
}

/** Replays `events` of one partition: `<key><label>`; a label names how many runs fail first, or `x` for all. */
async function replay(events: readonly string[], leftOut: readonly bigint[] = [], isDry = false): Promise<Replayed> {
  const ran: string[] = []
  let isDown = true
  const strategy: Strategy = {
    sliceSize: 3,
    contributions: [],
    treatment: () => 'run',
    async run({ deliveries, draft }) {
      // The first run of all meets an outage.
      if (isDown) {
        isDown = false
        throw new MillraceError('MILLRACE_DATABASE_UNAVAILABLE', 'down', { retriable: true })
      }
      for (const delivery of deliveries) {
        if (draft.goesBehind(delivery)) continue
        const { key, data } = delivery.event as { key: string | null; data: { fails: number } }
        ran.push(`${key}@${delivery.record.offset}`)
        if (data.fails === -1) draft.park(delivery, parked)
        else if (delivery.attempts < data.fails) draft.park(delivery, waiting)
        else draft.apply(delivery)
      }
      return { kind: 'done', values: [] }
    },
  }
  const log = new MemoryLog({ t: 1 })
  const records = log.append(
    't',
    ...events.map((event) => ({
      type: 'Added',
      key: event.slice(0, 1),
      data: { fails: event.endsWith('x') ? -1 : Number(event.slice(1)) },
    })),
  )
  const counts: ReplayCounts = { ran: 0, filtered: 0, leftOut: 0, failures: [] }
  const partition = new ReplayPartition(ledgerTopic('t', 1), 0, new Set(leftOut), {
    database: {} as Database,
    strategy,
    decoder: jsonDecoder,
    clock: hurriedClock,
    signal: new AbortController().signal,
    isDry,
    counts,
  })
  await partition.run(records)
  return { ran, counts }
}

describe('a replay of a partition', () => {
  it('runs every event once, in order', async () => {
    const { ran, counts } = await replay(['a0', 'b0', 'a0', 'b0', 'a0'])
    expect(ran).toEqual(['a@0', 'b@1', 'a@2', 'b@3', 'a@4'])
    expect(counts).toMatchObject({ ran: 5, failures: [] })
  })

  it('retries in place: later events of the key follow, in order', async () => {
    const { ran, counts } = await replay(['a2', 'b0', 'a1', 'a0'])
    expect(ran).toEqual(['a@0', 'b@1', 'a@0', 'a@0', 'a@2', 'a@2', 'a@3'])
    expect(counts).toMatchObject({ ran: 4, failures: [] })
  })

  it('lists what fails for good, and the later events of its key, over all slices', async () => {
    const { ran, counts } = await replay(['ax', 'b0', 'a0', 'a0', 'b0'])
    expect(ran).toEqual(['a@0', 'b@1', 'b@4'])
    expect(counts.ran).toBe(2)
    expect(counts.failures.map(({ offset, reason }) => [offset, reason])).toEqual([
      [0n, 'permanent'],
      [2n, 'behind'],
      [3n, 'behind'],
    ])
  })

  it('leaves out what is parked, and runs nothing when it is dry', async () => {
    const { ran, counts } = await replay(['a0', 'b0', 'a0'], [1n], true)
    expect(ran).toEqual([])
    expect(counts).toMatchObject({ ran: 2, leftOut: 1, failures: [] })
  })
})
