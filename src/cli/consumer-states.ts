// How far each consumer of a project is, from its checkpoints, the log and what is parked.
import type { Statements } from '../database/database.ts'
import { consumersOf } from '../definition/consumers-of.ts'
import type { Consumer, Definitions } from '../definition/definitions.ts'
import type { TopicAdmin } from '../kafka/kafka-port.ts'

export interface ConsumerState {
  readonly consumer: string
  readonly kind: Consumer['kind']
  /** As it is defined. */
  readonly version: number
  /** The version whose tables are served, and whose figures these are; another one idles until it is rebuilt. */
  readonly live: number
  /** Records between its checkpoints and the high watermarks. */
  readonly lag: bigint
  readonly applied: bigint
  readonly repeated: bigint
  readonly filtered: bigint
  /** Tried again by themselves at their time. */
  readonly waiting: bigint
  /** Failed for good, or behind one that did. */
  readonly parked: bigint
  /** When a checkpoint of it moved last; null before the first. */
  readonly movedAt: Date | null
}

interface CheckpointRow {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly next: bigint
  readonly applied: bigint
  readonly repeated: bigint
  readonly filtered: bigint
  readonly movedAt: Date
}

interface ParkedRow {
  readonly consumer: string
  readonly waiting: bigint
  readonly parked: bigint
}

interface LiveRow {
  readonly projection: string
  readonly version: number
}

const CHECKPOINTS = `SELECT consumer, topic, partition, next_offset AS next, applied, repeated, filtered, updated_at AS "movedAt"
  FROM millrace.checkpoint`

const PARKED = `SELECT consumer, count(*) FILTER (WHERE status = 'waiting') AS waiting,
  count(*) FILTER (WHERE status <> 'waiting') AS parked FROM millrace.parked GROUP BY consumer`

const LIVE = 'SELECT projection, version FROM millrace.live'

/** The state of every consumer that is defined, in the order of consumersOf. */
export async function consumerStates(
  definitions: Definitions,
  admin: Pick<TopicAdmin, 'describe' | 'watermarks'>,
  database: Statements,
): Promise<readonly ConsumerState[]> {
  const checkpoints = await database.query<CheckpointRow>(CHECKPOINTS)
  const parked = new Map((await database.query<ParkedRow>(PARKED)).map((row) => [row.consumer, row]))
  const live = new Map((await database.query<LiveRow>(LIVE)).map((row) => [row.projection, row.version]))
  const existing = new Set((await admin.describe()).map(({ name }) => name))
  const marks = new Map<string, readonly { partition: number; low: bigint; high: bigint }[]>()
  for (const { name } of definitions.topics) if (existing.has(name)) marks.set(name, await admin.watermarks(name))
  return consumersOf(definitions).map(({ kind, name, version, from }) => {
    const liveVersion = (kind === 'projection' ? live.get(name) : undefined) ?? version
    const id = `${name}.v${liveVersion}`
    const own = checkpoints.filter(({ consumer }) => consumer === id)
    const sum = (column: 'applied' | 'repeated' | 'filtered'): bigint =>
      own.reduce((total, row) => total + row[column], 0n)
    return {
      consumer: name,
      kind,
      version,
      live: liveVersion,
      lag: from.reduce((total, topic) => total + lagIn(topic.name, marks.get(topic.name) ?? [], own), 0n),
      applied: sum('applied'),
      repeated: sum('repeated'),
      filtered: sum('filtered'),
      waiting: parked.get(id)?.waiting ?? 0n,
      parked: parked.get(id)?.parked ?? 0n,
      movedAt: own.reduce<Date | null>(
        (latest, { movedAt }) => (latest === null || movedAt > latest ? movedAt : latest),
        null,
      ),
    }
  })
}

function lagIn(
  topic: string,
  marks: readonly { partition: number; low: bigint; high: bigint }[],
  checkpoints: readonly CheckpointRow[],
): bigint {
  return marks.reduce((total, { partition, low, high }) => {
    const next = checkpoints.find((row) => row.topic === topic && row.partition === partition)?.next ?? 0n
    // Reading begins where the log begins, however little of it is left.
    const from = next < low ? low : next
    return total + (high > from ? high - from : 0n)
  }, 0n)
}
