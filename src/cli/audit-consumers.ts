// Proves the books of consumers: per partition, what was applied, repeated, filtered and parked must be the number of records
// below the checkpoint. It reads the log itself, so its time grows with it. Compacted topics and ones that lost records to
// retention cannot be counted any more: there it says so.
import type { Statements } from '../database/database.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import type { KafkaPort } from '../kafka/kafka-port.ts'

/** One partition of one consumer. */
export interface AuditRow {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly next: bigint
  /** applied + repeated + filtered + parked. */
  readonly counted: bigint
  readonly applied: bigint
  readonly repeated: bigint
  readonly filtered: bigint
  readonly parked: bigint
  /** Records on the log below `next`. */
  readonly records: bigint
  readonly verdict: 'ok' | 'differs' | 'beyond the log' | 'cannot tell'
}

interface CheckpointRow {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly next: bigint
  readonly applied: bigint
  readonly repeated: bigint
  readonly filtered: bigint
  readonly parked: bigint
}

interface Range {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

const CHECKPOINTS = `SELECT consumer, topic, partition, next_offset AS next, applied, repeated, filtered, parked_total AS parked
  FROM millrace.checkpoint WHERE ($1::text IS NULL OR consumer = $1) ORDER BY consumer, topic, partition`

export interface AuditOptions {
  readonly database: Statements
  readonly kafka: Pick<KafkaPort, 'admin' | 'reader'>
  readonly topics: readonly AnyTopic[]
  /** `<name>.v<version>`, or null for all. */
  readonly consumer: string | null
  /** Told after each batch how many records were read. */
  readonly onRead: (records: number) => void
  readonly signal: AbortSignal
}

/** Audits consumers while they run: the log below a checkpoint does not change any more. */
export async function auditConsumers(options: AuditOptions): Promise<readonly AuditRow[]> {
  const { database, kafka, topics, consumer } = options
  const checkpoints = await database.query<CheckpointRow>(CHECKPOINTS, consumer)
  const names = [...new Set(checkpoints.map(({ topic }) => topic))]
  const existing = new Set((await kafka.admin.describe()).map(({ name }) => name))
  const marks = new Map<string, { low: bigint; high: bigint }>()
  for (const name of names.filter((name) => existing.has(name)))
    for (const { partition, low, high } of await kafka.admin.watermarks(name))
      marks.set(`${name} ${partition}`, { low, high })
  const countBelow = await countRecords(checkpoints, marks, options)
  const compacted = new Set(topics.filter(({ cleanup }) => cleanup === 'compact').map(({ name }) => name))
  return checkpoints.map((row) => {
    const counted = row.applied + row.repeated + row.filtered + row.parked
    const records = countBelow(row)
    return { ...row, counted, records, verdict: judge(row, counted, records, marks, compacted) }
  })
}

function judge(
  { topic, partition, next }: CheckpointRow,
  counted: bigint,
  records: bigint,
  marks: ReadonlyMap<string, { low: bigint; high: bigint }>,
  compacted: ReadonlySet<string>,
): AuditRow['verdict'] {
  const mark = marks.get(`${topic} ${partition}`)
  if (next > (mark?.high ?? 0n)) return 'beyond the log'
  if (counted === records) return 'ok'
  const hasLost = compacted.has(topic) || (mark?.low ?? 0n) > 0n
  return hasLost && counted > records ? 'cannot tell' : 'differs'
}

/** Reads each partition once, up to the furthest checkpoint in it; answers how many records lie below a checkpoint. */
async function countRecords(
  checkpoints: readonly CheckpointRow[],
  marks: ReadonlyMap<string, { low: bigint; high: bigint }>,
  { kafka, onRead, signal }: AuditOptions,
): Promise<(row: CheckpointRow) => bigint> {
  const ranges = new Map<string, Range>()
  const counts = new Map<CheckpointRow, bigint>()
  const rows = new Map<string, CheckpointRow[]>()
  for (const row of checkpoints) {
    const place = `${row.topic} ${row.partition}`
    const mark = marks.get(place)
    if (mark === undefined) continue
    rows.set(place, [...(rows.get(place) ?? []), row])
    const to = row.next < mark.high ? row.next : mark.high
    const known = ranges.get(place)?.to ?? mark.low
    if (to > known) ranges.set(place, { topic: row.topic, partition: row.partition, from: mark.low, to })
  }
  await kafka.reader.read(
    [...ranges.values()],
    (batch) => {
      for (const row of rows.get(`${batch.topic} ${batch.partition}`) ?? []) {
        const below = batch.records.filter(({ offset }) => offset < row.next).length
        counts.set(row, (counts.get(row) ?? 0n) + BigInt(below))
      }
      onRead(batch.records.length)
      return Promise.resolve()
    },
    signal,
  )
  return (row) => counts.get(row) ?? 0n
}
