// Sorts the records of a batch before any work: repeats of an id, records at a wrong partition, types nobody asked for, bytes
// that are no event. A registry that cannot be asked is waited for; it never parks a record.
import type { IdWindow } from '../checkpoint/id-window.ts'
import { readEventIdWords } from '../checkpoint/read-event-id-words.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import type { LogRecord } from '../kafka/record.ts'
import { partitionForKey } from '../topic/partition-for-key.ts'
import type { Entry } from './entry.ts'
import { refuseRecord, type ParkedBefore } from './refuse-record.ts'
import type { RecordDecoder } from './record-decoder.ts'
import type { Strategy } from './strategy.ts'

export interface IntakeSurroundings {
  readonly topic: AnyTopic
  readonly decoder: RecordDecoder
  readonly treatment: Strategy['treatment']
  /** Null for a compacted topic, which has no window. */
  readonly window: IdWindow | null
  /** Called when a writer's schema cannot be fetched: waits before the next try, and answers false to give up. */
  readonly waitAfter: (error: unknown) => Promise<boolean>
}

/** The records of a batch, sorted, with the ids that its commit has to keep. */
export interface Intake {
  readonly entries: readonly Entry[]
  /** Four words for each id. */
  readonly idWords: Uint32Array
  /** The offset of each id, rising. */
  readonly idOffsets: readonly number[]
}

/** Sorts records that come from the log. Null when waiting for the registry was given up. */
export async function intakeRecords(
  records: readonly LogRecord[],
  surroundings: IntakeSurroundings,
): Promise<Intake | null> {
  if (!(await prepareRecords(records, surroundings))) return null
  const entries: Entry[] = []
  const idWords = new Uint32Array(records.length * 4)
  const idOffsets: number[] = []
  const { decoder, window } = surroundings
  for (const record of records) {
    const id = window === null ? null : decoder.eventId(record)
    if (id !== null && window !== null) {
      const at = idOffsets.length * 4
      readEventIdWords(id, idWords, at)
      const offset = Number(record.offset)
      idOffsets.push(offset)
      if (window.note(idWords, at, offset)) {
        entries.push({ kind: 'repeated', record })
        continue
      }
    }
    entries.push(sortRecord(record, surroundings, null))
  }
  return { entries, idWords, idOffsets }
}

/** Waits until records can be decoded; false when that was given up. */
export async function prepareRecords(
  records: readonly LogRecord[],
  { decoder, waitAfter }: IntakeSurroundings,
): Promise<boolean> {
  for (;;) {
    try {
      await decoder.prepare(records)
      return true
    } catch (error) {
      if (!(await waitAfter(error))) return false
    }
  }
}

/** Sorts one prepared record. */
export function sortRecord(record: LogRecord, surroundings: IntakeSurroundings, before: ParkedBefore | null): Entry {
  const { topic, decoder, treatment } = surroundings
  if (topic.partitioner === 'murmur2' && record.key !== null) {
    const partition = partitionForKey(record.key, topic.partitions)
    if (partition !== record.partition) {
      const detail = `its key belongs to partition ${partition}: the producer's partitioner is not murmur2, or the topic had another number of partitions`
      return refuseRecord(record, decoder, { reason: 'wrong-partition', code: 'WRONG_PARTITION', detail }, before)
    }
  }
  const named = decoder.eventType(record)
  if (named !== null && treatment(named) === 'ignore') return { kind: 'filtered', record }
  const decoded = decoder.decode(record)
  if (decoded.kind === 'refused') return refuseRecord(record, decoder, decoded, before)
  const { event } = decoded
  const wanted = treatment(event.type)
  if (wanted === 'ignore') return { kind: 'filtered', record }
  if (wanted === 'unnamed') {
    const detail = `no handler for ${event.type}: add one, or name it in 'ignore', then redrive`
    return refuseRecord(record, decoder, { reason: 'unnamed-type', code: 'UNNAMED_TYPE', detail }, before)
  }
  return { kind: 'event', record, event, attempts: before?.attempts ?? 0, parked: before?.status ?? null }
}
