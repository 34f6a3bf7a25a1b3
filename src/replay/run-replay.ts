// Delivers ranges of records again to a worker or a processor, through a throwaway consumer: no group, no checkpoint, nothing
// parked. Partitions run side by side, each in order.
import type { RangeReader } from '../kafka/kafka-port.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import type { ReplayRange } from './plan-replay.ts'
import { ReplayPartition, type ReplayCounts, type ReplaySurroundings } from './replay-partition.ts'

export interface ReplayOptions extends Omit<ReplaySurroundings, 'counts'> {
  /** `<name>.v<version>`: its parked events are left out. */
  readonly consumer: string
  readonly topics: readonly AnyTopic[]
  readonly ranges: readonly ReplayRange[]
  readonly reader: RangeReader
  /** Told how many offsets were passed. */
  readonly onPassed: (offsets: number) => void
}

/** Runs the ranges; answers what became of their events, of some of them when the signal is aborted. */
export async function runReplay(options: ReplayOptions): Promise<ReplayCounts> {
  const { ranges, topics, reader, database, consumer, onPassed, signal } = options
  const counts: ReplayCounts = { ran: 0, filtered: 0, leftOut: 0, failures: [] }
  const parked = await database.query<{ topic: string; partition: number; offset: bigint }>(
    'SELECT topic, partition, record_offset AS "offset" FROM millrace.parked WHERE consumer = $1',
    consumer,
  )
  const partitions = new Map(
    ranges.map(({ topic: name, partition }) => {
      const topic = topics.find((each) => each.name === name)
      if (topic === undefined) throw new Error(`${name} is none of the consumer's topics`)
      const own = parked.filter((at) => at.topic === name && at.partition === partition)
      const offsets = new Set(own.map(({ offset }) => offset))
      return [`${name} ${partition}`, new ReplayPartition(topic, partition, offsets, { ...options, counts })]
    }),
  )
  await options.strategy.claimed?.(ranges)
  try {
    await reader.read(
      ranges,
      async ({ topic, partition, records, fetchedOffset, nextOffset }) => {
        await partitions.get(`${topic} ${partition}`)?.run(records)
        onPassed(Number(nextOffset - fetchedOffset))
      },
      signal,
    )
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return counts
}
