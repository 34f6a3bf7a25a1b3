// Turns what a replay was asked for into a range of offsets for each partition. A range ends where the consumer's checkpoint
// stands: what lies beyond has not been delivered once, and comes by itself.
import { MillraceError } from '../errors/millrace-error.ts'
import type { TopicAdmin } from '../kafka/kafka-port.ts'
import type { Position } from '../kafka/record.ts'
import type { ReplayPoint } from './replay-point.ts'

export interface ReplayRequest {
  /** Inclusive. */
  readonly from: ReplayPoint
  /** Exclusive. */
  readonly to: ReplayPoint
  /** Topics of the consumer, or the one that was named. */
  readonly topics: readonly string[]
  /** Null for all. */
  readonly partition: number | null
}

/** Records of one partition, `from` inclusive, `to` exclusive. */
export interface ReplayRange {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

/**
 * Plans a replay; partitions with nothing in range are left out.
 * @param checkpoints how far the consumer is
 * @throws MillraceError `MILLRACE_COMMAND_USAGE` for offsets of several partitions, `MILLRACE_REPLAY_RANGE` for offsets that the
 * log does not hold
 */
export async function planReplay(
  { from, to, topics, partition }: ReplayRequest,
  admin: Pick<TopicAdmin, 'watermarks' | 'offsetsAt'>,
  checkpoints: readonly Position[],
): Promise<readonly ReplayRange[]> {
  const ranges: ReplayRange[] = []
  for (const topic of topics) {
    const marks = (await admin.watermarks(topic)).filter((mark) => partition === null || mark.partition === partition)
    if (marks.length === 0)
      throw outside(`${topic} has no partition ${partition}`, 'Leave --partition out, or name another one.')
    const hasOffset = from.kind === 'offset' || to.kind === 'offset'
    if (hasOffset && (topics.length > 1 || marks.length > 1)) {
      throw new MillraceError(
        'MILLRACE_COMMAND_USAGE',
        'an offset means another record in every partition: name one with --topic and --partition, or give times',
      )
    }
    const begins = await offsetsOf(topic, from, admin)
    const ends = await offsetsOf(topic, to, admin)
    for (const { partition: number, low, high } of marks) {
      const begin = begins(number)
      const end = ends(number)
      if (from.kind === 'offset' && (begin < low || begin > high))
        throw outside(`${topic}[${number}] holds ${low} to ${high}, not ${begin}`, 'Begin within it.')
      if (to.kind === 'offset' && (end > high || end < begin))
        throw outside(`${topic}[${number}] ends at ${high}; --to is ${end}, --from is ${begin}`, 'End within it.')
      const next = checkpoints.find((at) => at.topic === topic && at.partition === number)?.offset ?? 0n
      const last = end < next ? end : next
      const first = begin > low ? begin : low
      if (last > first) ranges.push({ topic, partition: number, from: first, to: last })
    }
  }
  return ranges
}

async function offsetsOf(
  topic: string,
  point: ReplayPoint,
  admin: Pick<TopicAdmin, 'offsetsAt'>,
): Promise<(partition: number) => bigint> {
  if (point.kind === 'offset') return () => point.offset
  const found = new Map((await admin.offsetsAt(topic, point.timeMs)).map((at) => [at.partition, at.offset]))
  return (partition) => found.get(partition) ?? 0n
}

function outside(what: string, whatToDo: string): MillraceError {
  return new MillraceError('MILLRACE_REPLAY_RANGE', `The range is not on the log: ${what}. ${whatToDo}`)
}
