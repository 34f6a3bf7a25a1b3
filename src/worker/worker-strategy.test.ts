import { expect, it } from 'vitest'
import type { Delivery } from '../consumer/entry.ts'
import { SliceDraft } from '../consumer/slice-draft.ts'
import type { Slice } from '../consumer/strategy.ts'
import type { Worker } from '../definition/define-worker.ts'
import type { Event } from '../definition/event-type.ts'
import type { Logger } from '../observability/logger.ts'
import { ParkedKeys } from '../parking/parked-keys.ts'
import type { OutputSender } from '../producer/output-sender.ts'
import { workerStrategy } from './worker-strategy.ts'

it('runs no handler twice for a commit that is tried again, and runs it for every attempt', async () => {
  let runs = 0
  const worker = {
    name: 'w',
    concurrency: 5,
    timeoutMs: 1000,
    retryDelaysMs: [10, 10, 10],
    ignore: [],
    expiresAt: null,
    failed: null,
    handle: {
      Asked: () => {
        runs += 1
        throw new Error('not yet')
      },
    },
  } as unknown as Worker
  const strategy = workerStrategy({
    worker,
    outputs: {} as OutputSender,
    idempotencyKey: ({ id }) => id,
    clock: { now: () => new Date(0), sleep: async () => undefined },
    logger: {} as Logger,
    random: () => 0,
  })
  const run = async (attempts: number): Promise<SliceDraft> => {
    const record = {
      topic: 't',
      partition: 0,
      offset: 5n,
      timestamp: 0,
      key: Buffer.from('k'),
      value: null,
      headers: {},
    }
    const event = { type: 'Asked', id: 'e', key: 'k', expiresAt: null } as unknown as Event
    const delivery: Delivery = { kind: 'event', record, event, attempts, parked: attempts === 0 ? null : 'waiting' }
    const draft = new SliceDraft(new ParkedKeys(), [delivery], attempts === 0 ? 'log' : 'parked')
    const signal = new AbortController().signal
    await strategy.run({
      topic: 't',
      partition: 0,
      deliveries: [delivery],
      draft,
      signal,
      inTransaction: false,
    } as unknown as Slice)
    return draft
  }
  expect((await run(0)).writes).toMatchObject([{ attempts: 1, parking: { status: 'waiting' } }])
  expect((await run(0)).writes).toMatchObject([{ attempts: 1, parking: { status: 'waiting' } }])
  expect(runs).toBe(1)
  expect((await run(1)).writes).toMatchObject([{ attempts: 2, parking: { status: 'waiting' } }])
  expect(runs).toBe(2)
  expect((await run(3)).writes).toMatchObject([{ attempts: 4, parking: { status: 'parked', reason: 'exhausted' } }])
  expect(runs).toBe(3)
})

it('leaves tombstones alone, and asks for a handler or a word about every event', () => {
  const strategy = workerStrategy({
    worker: { concurrency: 1, ignore: ['Heard'], handle: { Asked: () => [] } } as unknown as Worker,
    outputs: {} as OutputSender,
    idempotencyKey: ({ id }) => id,
    clock: { now: () => new Date(0), sleep: async () => undefined },
    logger: {} as Logger,
    random: () => 0,
  })
  expect(['Asked', 'Heard', 'Tombstone', 'Said'].map((type) => strategy.treatment(type))).toEqual([
    'run',
    'ignore',
    'ignore',
    'unnamed',
  ])
})
