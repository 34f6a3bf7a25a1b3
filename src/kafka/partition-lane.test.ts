import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FetchedPartition } from './fetch-records.ts'
import type { BatchOutcome, FetchedBatch } from './kafka-port.ts'
import { PartitionLane } from './partition-lane.ts'
import { createSlots } from './slots.ts'

const silent = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), child: () => silent }
const tp = { topic: 'a', partition: 0 }

/** A lane whose handler answers when the test says so. */
function setUp() {
  const handed: {
    batch: FetchedBatch
    signal: AbortSignal
    answer: (outcome: BatchOutcome) => void
    fail: (error: Error) => void
  }[] = []
  const restart = vi.fn(() => Promise.resolve())
  const lane = new PartitionLane(tp, {
    handler: {
      assigned: () => Promise.resolve([]),
      batch: (batch, signal) => new Promise((answer, fail) => void handed.push({ batch, signal, answer, fail })),
      revoked: () => undefined,
    },
    logger: silent,
    takeSlot: createSlots(1),
    roomMade: () => undefined,
    restart,
  })
  return { lane, handed, restart, call: (index: number) => handed[index] as (typeof handed)[number] }
}

const fetched = (offset: bigint, nextOffset: bigint, visible = Number(nextOffset - offset)): FetchedPartition => ({
  ...tp,
  offset,
  nextOffset,
  errorCode: 0,
  highWatermark: 100n,
  records: Array.from({ length: visible }, (_, index) => ({
    ...tp,
    offset: offset + BigInt(index),
    timestamp: 0,
    key: null,
    value: null,
    headers: {},
  })),
})
const turn = () => vi.advanceTimersByTimeAsync(0)

describe('PartitionLane', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('wants nothing until the handler said where to read (K1)', () => {
    const { lane } = setUp()
    expect(lane.fetchAt).toBeUndefined()
    lane.open(7n)
    expect(lane.fetchAt).toBe(7n)
  })

  it('hands out one batch at a time and fetches one ahead', async () => {
    const { lane, handed, call } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 2n))
    await turn()
    expect(lane.fetchAt).toBe(2n)
    lane.deliver(fetched(2n, 5n))
    await turn()
    expect(handed).toHaveLength(1)
    expect(lane.fetchAt).toBeUndefined()
    expect(lane.position?.offset).toBe(0n)
    call(0).answer({ kind: 'committed', next: 2n })
    await turn()
    expect(lane.position?.offset).toBe(2n)
    expect(call(1).batch).toMatchObject({ fetchedOffset: 2n, nextOffset: 5n })
  })

  it('drops an answer to a place it no longer asks for (K9)', async () => {
    const { lane, handed } = setUp()
    lane.open(5n)
    lane.deliver(fetched(3n, 8n))
    await turn()
    expect(handed).toHaveLength(0)
    expect(lane.fetchAt).toBe(5n)
  })

  it('goes over what is not visible, yet claims it with the next batch only (K11)', async () => {
    const { lane, call } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 3n, 0))
    expect(lane.position?.offset).toBe(0n)
    lane.deliver(fetched(3n, 4n))
    await turn()
    expect(call(0).batch).toMatchObject({ fetchedOffset: 0n, nextOffset: 4n })
  })

  it('reads again from where the handler stopped short, without what was fetched ahead (K5)', async () => {
    const { lane, call } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 4n))
    await turn()
    lane.deliver(fetched(4n, 6n))
    call(0).answer({ kind: 'committed', next: 1n })
    await turn()
    expect(lane.fetchAt).toBe(1n)
    lane.deliver(fetched(1n, 4n))
    await turn()
    expect(call(1).batch.fetchedOffset).toBe(1n)
  })

  it('reads the same batch again after the handler threw (F4), or gave up', async () => {
    const { lane, call } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 2n))
    await turn()
    call(0).fail(new TypeError('a bug'))
    await turn()
    expect(lane.fetchAt).toBeUndefined()
    await vi.advanceTimersByTimeAsync(100)
    expect(lane.fetchAt).toBe(0n)
    lane.deliver(fetched(0n, 2n))
    await turn()
    call(1).answer({ kind: 'aborted' })
    await vi.advanceTimersByTimeAsync(200)
    expect(lane.fetchAt).toBe(0n)
  })

  it('asks anew where to read when it was fenced', async () => {
    const { lane, call, restart } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 2n))
    await turn()
    call(0).answer({ kind: 'fenced' })
    await vi.advanceTimersByTimeAsync(100)
    expect(restart).toHaveBeenCalledTimes(1)
    expect(lane.fetchAt).toBeUndefined()
    lane.open(9n)
    expect(lane.fetchAt).toBe(9n)
  })

  it('stays silent once it was stopped', async () => {
    const { lane, call } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 2n))
    await turn()
    call(0).answer({ kind: 'stopped' })
    await lane.ended
    lane.open(0n)
    expect(lane.fetchAt).toBeUndefined()
  })

  it('aborts the running call when it is closed, hands out nothing more, and keeps what was committed', async () => {
    const { lane, handed, call } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 2n))
    await turn()
    lane.deliver(fetched(2n, 3n))
    lane.close()
    expect(call(0).signal.aborted).toBe(true)
    call(0).answer({ kind: 'committed', next: 2n })
    await lane.ended
    expect(lane.position?.offset).toBe(2n)
    lane.deliver(fetched(2n, 3n))
    lane.open(2n)
    await turn()
    expect(handed).toHaveLength(1)
    expect(lane.fetchAt).toBeUndefined()
  })

  it('asks where to start when the log does not hold the offset (K8), also if that was found while fetching ahead', async () => {
    const { lane, call, restart } = setUp()
    lane.open(0n)
    lane.deliver(fetched(0n, 2n))
    await turn()
    void lane.outOfRange()
    expect(lane.fetchAt).toBeUndefined()
    call(0).answer({ kind: 'committed', next: 2n })
    await turn()
    expect(lane.fetchAt).toBe(2n)
    void lane.outOfRange()
    await vi.advanceTimersByTimeAsync(100)
    expect(restart).toHaveBeenCalledTimes(1)
  })
})
