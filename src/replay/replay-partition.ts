// Delivers records of one partition again through a consumer's strategy, with no checkpoint and no write of the engine's: what the
// strategy would commit with it is thrown away. Order per key is kept as in a live consumer; retries run here, and what fails for
// good is listed.
//
//   event ─▶ run ─┬▶ done
//                 ├▶ waiting ──its time has come──▶ run          later events of its key wait behind it
//                 └▶ failed: listed, and the later events of its key with it, because they must not overtake it
import type { Clock } from '../consumer/clock.ts'
import type { Delivery, Entry } from '../consumer/entry.ts'
import { prepareRecords, sortRecord, type IntakeSurroundings } from '../consumer/intake.ts'
import type { RecordDecoder } from '../consumer/record-decoder.ts'
import { SliceDraft } from '../consumer/slice-draft.ts'
import type { Strategy, Work } from '../consumer/strategy.ts'
import type { Database, Statements } from '../database/database.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { LogRecord, Position } from '../kafka/record.ts'
import type { ParkedWrite } from '../parking/parked-event.ts'
import { ParkedKeys } from '../parking/parked-keys.ts'

/** An event that could not be run again. */
export interface ReplayFailure extends Position {
  readonly eventId: string
  readonly eventType: string | null
  readonly reason: string
  readonly detail: string
}

export interface ReplayCounts {
  ran: number
  /** Passed over because the definition ignores their type. */
  filtered: number
  /** Left out, because they are parked: a redrive is what runs them. */
  leftOut: number
  readonly failures: ReplayFailure[]
}

export interface ReplaySurroundings {
  readonly database: Database
  readonly strategy: Strategy
  readonly decoder: RecordDecoder
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Only counts what would run. */
  readonly isDry: boolean
  readonly counts: ReplayCounts
}

const BACKOFF_MS = 500

export class ReplayPartition {
  readonly #topic: AnyTopic
  readonly #partition: number
  readonly #parkedOffsets: ReadonlySet<bigint>
  readonly #with: ReplaySurroundings
  readonly #keys = new ParkedKeys()

  /** @param parkedOffsets records of the partition that are parked now */
  constructor(
    topic: AnyTopic,
    partition: number,
    parkedOffsets: ReadonlySet<bigint>,
    surroundings: ReplaySurroundings,
  ) {
    this.#topic = topic
    this.#partition = partition
    this.#parkedOffsets = parkedOffsets
    this.#with = surroundings
  }

  /** Runs records that follow those before; resolves when each has its end, or the signal is aborted. */
  async run(records: readonly LogRecord[]): Promise<void> {
    const { counts, strategy, isDry, signal } = this.#with
    const wanted = records.filter(({ offset }) => !this.#parkedOffsets.has(offset))
    counts.leftOut += records.length - wanted.length
    const intake = this.#intake()
    if (!(await prepareRecords(wanted, intake))) return
    const entries = wanted.map((record) => sortRecord(record, intake, null))
    counts.filtered += entries.filter(({ kind }) => kind === 'filtered').length
    if (isDry) {
      counts.ran += entries.filter(({ kind }) => kind === 'event').length
      return
    }
    for (let at = 0; at < entries.length && !signal.aborted; at += strategy.sliceSize)
      await this.#runSlice(entries.slice(at, at + strategy.sliceSize))
  }

  async #runSlice(entries: readonly Entry[]): Promise<void> {
    const { counts, clock, signal } = this.#with
    const deliveries = entries.filter((entry): entry is Delivery => entry.kind === 'event')
    const draft = await this.#work(entries, deliveries, 'log')
    if (draft === null) return
    counts.ran += draft.counts.applied
    let open = draft.writes
    for (;;) {
      const due = open.flatMap(({ parking }) => (parking.dueAt === null ? [] : [parking.dueAt.getTime()]))
      if (due.length === 0 || signal.aborted) break
      await clock.sleep(Math.max(0, Math.max(...due) - clock.now().getTime()), signal)
      open = await this.#retry(open, deliveries)
    }
    for (const { record, eventId, eventType, parking } of open) {
      const { topic, partition, offset } = record
      counts.failures.push({
        topic,
        partition,
        offset,
        eventId,
        eventType,
        reason: parking.reason,
        detail: parking.detail,
      })
    }
  }

  /** Runs events that wait, and those behind them; answers what is still open, in order of offset. */
  async #retry(open: readonly ParkedWrite[], deliveries: readonly Delivery[]): Promise<ParkedWrite[]> {
    const stuck = new Set(open.filter(({ parking }) => parking.status === 'parked').map(({ record }) => keyOf(record)))
    const again = open
      .filter(({ record }) => !stuck.has(keyOf(record)))
      .flatMap(({ record, attempts, parking }) => {
        const delivery = deliveries.find((each) => each.record.offset === record.offset)
        return delivery === undefined ? [] : [{ ...delivery, attempts, parked: parking.status }]
      })
    const draft = await this.#work(again, again, 'parked')
    if (draft === null) return []
    this.#with.counts.ran += draft.done.length
    const done = new Set(draft.done)
    const written = new Map(draft.writes.map((write) => [write.record.offset, write]))
    return open
      .filter(({ record }) => !done.has(record.offset))
      .map((write) => written.get(write.record.offset) ?? { ...write, parking: { ...write.parking, dueAt: null } })
  }

  /** One run of the strategy; its verdicts, or null when the signal was aborted. An outage is waited for. */
  async #work(
    entries: readonly Entry[],
    deliveries: readonly Delivery[],
    origin: 'log' | 'parked',
  ): Promise<SliceDraft | null> {
    const { database, clock, signal } = this.#with
    while (!signal.aborted) {
      const draft = new SliceDraft(this.#keys, entries, origin)
      try {
        const work = await this.#attempt(database, false, draft, deliveries)
        if (work.kind === 'aborted') return null
        if (work.kind === 'done') {
          draft.accept()
          return draft
        }
        const shared = new SliceDraft(this.#keys, entries, origin)
        await database.transaction((statements) => this.#attempt(statements, true, shared, deliveries))
        if (signal.aborted) return null
        shared.accept()
        return shared
      } catch (error) {
        if (!(error instanceof MillraceError && error.retriable)) throw error
        await clock.sleep(BACKOFF_MS, signal)
      }
    }
    return null
  }

  #attempt(
    statements: Statements,
    inTransaction: boolean,
    draft: SliceDraft,
    deliveries: readonly Delivery[],
  ): Promise<Work> {
    const { strategy, signal } = this.#with
    const at = { topic: this.#topic.name, partition: this.#partition }
    return strategy.run({ ...at, deliveries, draft, statements, inTransaction, signal })
  }

  #intake(): IntakeSurroundings {
    const { decoder, strategy, clock, signal } = this.#with
    return {
      topic: this.#topic,
      decoder,
      treatment: (type) => strategy.treatment(type),
      // An id that is repeated within the range runs twice here, as its outputs have the same ids.
      window: null,
      waitAfter: async () => {
        await clock.sleep(BACKOFF_MS, signal)
        return !signal.aborted
      },
    }
  }
}

function keyOf({ key, offset }: LogRecord): string {
  return key === null ? `@${offset}` : key.toString('latin1')
}
