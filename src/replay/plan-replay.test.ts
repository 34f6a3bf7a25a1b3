import { describe, expect, it } from 'vitest'
import { planReplay, type ReplayRequest } from './plan-replay.ts'
import { readReplayPoint } from './replay-point.ts'

const now = Date.UTC(2026, 0, 31, 12)

describe('a point of a replay', () => {
  it('is an offset, a time, an age or now', () => {
    expect(readReplayPoint('1200', '--from', now)).toEqual({ kind: 'offset', offset: 1200n })
    const read = (text: string): unknown => readReplayPoint(text, '--from', now)
    const at = (...parts: [number, number, number, number]): object => ({ kind: 'time', timeMs: Date.UTC(...parts) })
    expect(read('2026-01-31T08:00:00Z')).toEqual(at(2026, 0, 31, 8))
    expect(read('2026-01-31T08:00+02:00')).toEqual(at(2026, 0, 31, 6))
    expect(read('2026-01-31')).toEqual(at(2026, 0, 31, 0))
    expect(read('2h')).toEqual(at(2026, 0, 31, 10))
    expect(read('now')).toEqual({ kind: 'time', timeMs: now })
  })

  it.each(['', '-1', '1.5', '2026-01-31T08:00:00', 'yesterday', '2 h', '2026-13-01', '1234567890123456789'])(
    'is not %j',
    (text) => {
      expect(() => readReplayPoint(text, '--to', now)).toThrow(/--to: expected an offset/)
    },
  )
})

describe('a plan of a replay', () => {
  const admin = {
    watermarks: async () => [
      { partition: 0, low: 10n, high: 100n },
      { partition: 1, low: 0n, high: 50n },
    ],
    offsetsAt: async (_topic: string, timeMs: number) => [
      { partition: 0, offset: timeMs < now ? 20n : 100n },
      { partition: 1, offset: timeMs < now ? 50n : 50n },
    ],
  }
  const checkpoints = [
    { topic: 't', partition: 0, offset: 90n },
    { topic: 't', partition: 1, offset: 50n },
  ]
  const plan = (over: Partial<ReplayRequest>): ReturnType<typeof planReplay> =>
    planReplay(
      {
        from: { kind: 'time', timeMs: now - 1 },
        to: { kind: 'time', timeMs: now },
        topics: ['t'],
        partition: null,
        ...over,
      },
      admin,
      checkpoints,
    )

  it('ends at the checkpoint and leaves out partitions with nothing in range', async () => {
    expect(await plan({})).toEqual([{ topic: 't', partition: 0, from: 20n, to: 90n }])
  })

  it('takes offsets of one partition', async () => {
    const range = { from: { kind: 'offset', offset: 5n }, to: { kind: 'offset', offset: 7n }, partition: 1 } as const
    expect(await plan(range)).toEqual([{ topic: 't', partition: 1, from: 5n, to: 7n }])
  })

  it('refuses offsets of several partitions', async () => {
    await expect(plan({ from: { kind: 'offset', offset: 5n } })).rejects.toThrow(
      /name one with --topic and --partition/,
    )
  })

  it.each([
    [5n, 20n, 0, 't[0] holds 10 to 100, not 5'],
    [20n, 101n, 0, 't[0] ends at 100; --to is 101'],
    [30n, 20n, 0, '--to is 20, --from is 30'],
    [0n, 1n, 7, 't has no partition 7'],
  ])('refuses %d to %d of partition %d', async (from, to, partition, message) => {
    const range = { from: { kind: 'offset', offset: from }, to: { kind: 'offset', offset: to }, partition } as const
    await expect(plan(range)).rejects.toThrow(message)
  })
})
