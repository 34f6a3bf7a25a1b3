// Waits until consumers have reached positions. All waiters of a process share one poller: one small statement every few
// milliseconds while somebody waits, none while nobody does.
//
// States: resting (no waiter, no statement) -> polling (a waiter came) -> resting (the last one was answered or gave up). A
// statement that fails rejects nobody: waiters go on until their own time is over, because a database may come back.
import type { Database } from '../database/database.ts'
import type { Position } from '../kafka/record.ts'

/** What one consumer must have passed. */
export interface AwaitedConsumer {
  readonly consumer: string
  /** The next offset must be above each. */
  readonly positions: readonly Position[]
}

/** How a wait ended: at once or later reached, or not in time. */
export type WaitOutcome = 'reached' | 'timeout'

/** Waits for positions. */
export interface PositionWatch {
  /**
   * Resolves with `reached` as soon as all consumers have passed their positions; with `timeout` after `waitMs`, but never
   * before the checkpoints were looked at once. Rejects as the database does when even that first look fails.
   */
  wait(awaited: readonly AwaitedConsumer[], waitMs: number): Promise<WaitOutcome>
}

export interface WatchOptions {
  /** Pause between two looks, in milliseconds (default: 10). */
  readonly pollMs?: number
  /** Told how many wait. */
  readonly onWaiting?: (count: number) => void
}

interface Waiter {
  readonly awaited: readonly AwaitedConsumer[]
  readonly resolve: (outcome: WaitOutcome) => void
  readonly reject: (error: unknown) => void
  isLast: boolean
  looked: boolean
}

const readCheckpoints = `
SELECT a.consumer, a.topic, a.partition, c.next_offset::text AS next
FROM json_to_recordset($1::text::json) AS a(consumer text, topic text, partition int)
JOIN millrace.checkpoint c
  ON c.consumer = millrace.live_consumer(a.consumer) AND c.topic = a.topic AND c.partition = a.partition`

interface CheckpointRow {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly next: string
}

const place = (consumer: string, topic: string, partition: number): string => `${consumer}\n${topic}\n${partition}`

/** Makes the watch of a process. */
export function positionWatch(
  database: Pick<Database, 'query'>,
  { pollMs = 10, onWaiting }: WatchOptions = {},
): PositionWatch {
  const waiters = new Set<Waiter>()
  let polling = false

  async function poll(): Promise<void> {
    polling = true
    while (waiters.size > 0) {
      const asked = [...waiters]
      try {
        settle(asked, await look(asked))
      } catch (error) {
        for (const waiter of asked) if (!waiter.looked) finish(waiter, () => waiter.reject(error))
      }
      if (waiters.size > 0) await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
    polling = false
  }

  async function look(asked: readonly Waiter[]): Promise<ReadonlyMap<string, bigint>> {
    const places = new Map<string, { consumer: string; topic: string; partition: number }>()
    for (const { awaited } of asked)
      for (const { consumer, positions } of awaited)
        for (const { topic, partition } of positions)
          places.set(place(consumer, topic, partition), { consumer, topic, partition })
    const rows = await database.query<CheckpointRow>(readCheckpoints, JSON.stringify([...places.values()]))
    return new Map(rows.map((row) => [place(row.consumer, row.topic, row.partition), BigInt(row.next)]))
  }

  function settle(asked: readonly Waiter[], next: ReadonlyMap<string, bigint>): void {
    for (const waiter of asked) {
      waiter.looked = true
      const isReached = waiter.awaited.every(({ consumer, positions }) =>
        positions.every(({ topic, partition, offset }) => (next.get(place(consumer, topic, partition)) ?? 0n) > offset),
      )
      if (isReached) finish(waiter, () => waiter.resolve('reached'))
      else if (waiter.isLast) finish(waiter, () => waiter.resolve('timeout'))
    }
  }

  function finish(waiter: Waiter, answer: () => void): void {
    if (!waiters.delete(waiter)) return
    onWaiting?.(waiters.size)
    answer()
  }

  return {
    wait: (awaited, waitMs) =>
      new Promise((resolve, reject) => {
        const waiter: Waiter = { awaited, reject, resolve: answer, isLast: waitMs <= 0, looked: false }
        const timer = setTimeout(() => {
          waiter.isLast = true
          // While the database does not answer, the time is over all the same.
          if (waiter.looked) finish(waiter, () => answer('timeout'))
        }, waitMs)
        function answer(outcome: WaitOutcome): void {
          clearTimeout(timer)
          resolve(outcome)
        }
        waiters.add(waiter)
        onWaiting?.(waiters.size)
        if (!polling) void poll()
      }),
  }
}
