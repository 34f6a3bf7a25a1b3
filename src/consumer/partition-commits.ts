// The commits of one partition in the hands of one member, from its claim to its loss. Each is a compare-and-set on (revision,
// epoch), one at a time (the caller holds the partition's lock).
//
//   idle ──settle──▶ applying ──▶ committing ──committed──▶ idle
//     applying, committing ──outage──▶ wait, read back if a commit was sent, the same again
//     applying, committing ──the data's fault──▶ the same in halves, down to the one event that is parked
//     committing ──another revision or epoch──▶ fenced      applying, committing ──signal──▶ fenced
//   stopped: the log is not the one that was read (set by the claim; nothing leaves it but a new claim)
//
// `fenced` is final: what was noted of records that were not committed is thrown away with this.
import type { Advance, Checkpoint, Fence, LastRecord } from '../checkpoint/checkpoint.ts'
import { FencedError } from '../checkpoint/fenced-error.ts'
import { idValues } from '../checkpoint/id-contribution.ts'
import type { IdLog, IdWrite } from '../checkpoint/id-log.ts'
import type { IdWindow } from '../checkpoint/id-window.ts'
import type { PostgresCheckpoints } from '../checkpoint/postgres-checkpoints.ts'
import { storableText } from '../checkpoint/storable-text.ts'
import type { Database, Statements } from '../database/database.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import { messageOf } from '../errors/message-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { backOffMs } from '../kafka/back-off-ms.ts'
import type { LogRecord } from '../kafka/record.ts'
import type { Logger } from '../observability/logger.ts'
import type { ParkedKeys } from '../parking/parked-keys.ts'
import { parkingValues } from '../parking/parking-contribution.ts'
import type { Clock } from './clock.ts'
import type { Delivery, Entry } from './entry.ts'
import type { RecordDecoder } from './record-decoder.ts'
import { refuseData } from './refuse-data.ts'
import { SliceDraft } from './slice-draft.ts'
import type { Strategy } from './strategy.ts'

export type PartitionPhase = 'idle' | 'applying' | 'committing' | 'fenced' | 'stopped'

/** What the partitions of a consumer share. */
export interface PartitionSurroundings {
  readonly consumer: string
  readonly database: Database
  readonly checkpoints: Pick<PostgresCheckpoints, 'commit' | 'transaction' | 'countAttempt' | 'readBack'>
  readonly strategy: Strategy
  readonly decoder: RecordDecoder
  readonly clock: Clock
  readonly logger: Logger
  /** Told after each commit from the log. */
  readonly committed: (counts: Advance['counts']) => void
}

/** What was claimed of one partition. */
export interface ClaimedPartition {
  readonly topic: AnyTopic
  readonly checkpoint: Checkpoint
  /** Where reading begins: the checkpoint's next, or the log's first offset for a consumer that has read nothing yet. */
  readonly next: bigint
  /** Null for a compacted topic. */
  readonly ids: { readonly window: IdWindow; readonly log: IdLog } | null
  readonly parked: ParkedKeys
}

/** Entries that are committed together, and where their commit moves the checkpoint. */
export interface Unit {
  readonly entries: readonly Entry[]
  readonly next: bigint
  readonly ids: { readonly words: Uint32Array; readonly offsets: readonly number[] } | null
  /** From the log, or parked events of one key that run again. */
  readonly origin: 'log' | 'parked'
  /** Parked events that leave without running. */
  readonly released: readonly LogRecord[]
}

/** How a unit ended. */
export type Settled = 'committed' | 'fenced' | 'aborted'

export class PartitionCommits {
  readonly topic: AnyTopic
  readonly partition: number
  readonly parked: ParkedKeys
  readonly ids: ClaimedPartition['ids']
  phase: PartitionPhase = 'idle'
  /** The outage that is waited for, or null. */
  waitingFor: string | null = null
  #fence: Fence
  #next: bigint
  #starts: number
  #trying: bigint | null
  readonly #with: PartitionSurroundings

  constructor({ topic, checkpoint, next, ids, parked }: ClaimedPartition, surroundings: PartitionSurroundings) {
    this.topic = topic
    this.partition = checkpoint.partition
    this.parked = parked
    this.ids = ids
    this.#fence = checkpoint
    this.#next = next
    this.#starts = checkpoint.starts
    this.#trying = checkpoint.tryingOffset
    this.#with = surroundings
  }

  /** Epochs taken since the last progress, this one included. */
  get starts(): number {
    return this.#starts
  }

  /** The record whose attempts are being counted, or null. */
  get trying(): bigint | null {
    return this.#trying
  }

  /** The topic's name on the cluster, its prefix included. */
  get topicName(): string {
    return this.#fence.topic
  }

  get next(): bigint {
    return this.#next
  }

  /** Whether an event from the log was being counted when the last owner ended: parked work waits until it is past. */
  get isTrying(): boolean {
    return this.#trying !== null && this.#trying >= this.#next
  }

  /** Runs and commits a unit, whatever outages come, until it is committed, the partition is lost or the signal aborted. */
  async settle(unit: Unit, signal: AbortSignal): Promise<Settled> {
    const attempt: { ready: Ready | null } = { ready: null }
    for (let failures = 0; ; failures += 1) {
      if (signal.aborted) return 'aborted'
      // Once a commit may be on its way, only reading back tells what became of it.
      let sent = attempt.ready !== null
      try {
        if (attempt.ready === null) {
          const worked = await this.#work(unit, this.#with.database, false, signal)
          if (worked === 'aborted') return 'aborted'
          if (worked === 'shared') {
            const committed = await this.#with.checkpoints.transaction(this.#fence, async (statements) => {
              const again = await this.#work(unit, statements, true, signal)
              if (typeof again === 'string') throw new Aborted()
              attempt.ready = again
              sent = true
              await this.#commit(statements, again)
              return again
            })
            this.#accept(committed)
            return 'committed'
          }
          attempt.ready = worked
        }
        sent = true
        await this.#commit(this.#with.database, attempt.ready)
        this.#accept(attempt.ready)
        return 'committed'
      } catch (error) {
        if (error instanceof Aborted) return 'aborted'
        if (error instanceof FencedError) return this.#lost(error)
        if (isDataFault(error)) {
          const smaller = await this.#isolate(unit, error, signal)
          if (smaller !== 'cannot') return smaller
          attempt.ready = null
        } else if (sent) {
          const outcome = await this.#learn(error, signal)
          if (outcome === 'committed' && attempt.ready !== null) {
            this.#accept(attempt.ready)
            return 'committed'
          }
          if (outcome === 'fenced' || outcome === 'aborted') return outcome
          // Rows that others write too were read under a lock that is gone.
          if (attempt.ready?.inTransaction === true) attempt.ready = null
        }
        if (!(await this.wait(error, failures, signal))) return 'aborted'
      }
    }
  }

  async #work(
    unit: Unit,
    statements: Statements,
    inTransaction: boolean,
    signal: AbortSignal,
  ): Promise<Ready | 'aborted' | 'shared'> {
    this.phase = 'applying'
    const draft = new SliceDraft(this.parked, unit.entries, unit.origin)
    for (const record of unit.released) draft.release(record.key, record.offset)
    const deliveries: Delivery[] = []
    for (const entry of unit.entries) if (entry.kind === 'event') deliveries.push(entry)
    const { topic, partition } = this.#fence
    const work = await this.#with.strategy.run({
      topic,
      partition,
      deliveries,
      draft,
      statements,
      inTransaction,
      signal,
    })
    if (work.kind !== 'done') return work.kind
    const idWrite = this.ids?.log.plan(unit.ids?.words ?? new Uint32Array(0), unit.ids?.offsets ?? [], unit.next)
    return {
      draft,
      idWrite: idWrite ?? { row: null, floor: 0n },
      values: work.values,
      inTransaction,
      advance: { next: unit.next, last: this.#lastOf(unit), counts: draft.counts },
      fromLog: unit.origin === 'log',
    }
  }

  async #commit(statements: Statements, { advance, draft, idWrite, values }: Ready): Promise<void> {
    this.phase = 'committing'
    await this.#with.checkpoints.commit(statements, this.#fence, advance, [
      ...idValues(idWrite),
      ...parkingValues(draft.writes, draft.done),
      ...values,
    ])
  }

  #accept({ draft, idWrite, advance, fromLog }: Ready): void {
    this.#fence = { ...this.#fence, revision: this.#fence.revision + 1n }
    if (advance.next > this.#next) {
      this.#starts = 0
      this.#trying = null
    }
    this.#next = advance.next
    this.ids?.log.committed(idWrite)
    draft.accept()
    if (fromLog) this.#with.committed(advance.counts)
    this.phase = 'idle'
  }

  /** The database refuses the data: halves find the one event, which is parked. */
  async #isolate(unit: Unit, error: MillraceError, signal: AbortSignal): Promise<Settled | 'cannot'> {
    const [only, ...others] = unit.entries
    if (only === undefined) return 'cannot'
    if (others.length === 0) {
      // What is left is the parking itself, which holds nothing but storable text: an outage in disguise.
      if (only.kind !== 'event') return 'cannot'
      return this.settle({ ...unit, entries: [refuseData(only, error)] }, signal)
    }
    const middle = unit.entries.length >> 1
    const following = unit.entries[middle]
    const cut = unit.origin === 'log' && following !== undefined ? following.record.offset : unit.next
    const before = unit.ids?.offsets.filter((offset) => BigInt(offset) < cut).length ?? 0
    const settled = await this.settle(
      {
        ...unit,
        entries: unit.entries.slice(0, middle),
        next: cut,
        ids: unit.ids && { words: unit.ids.words.subarray(0, before * 4), offsets: unit.ids.offsets.slice(0, before) },
      },
      signal,
    )
    // Of a key's parked events none runs after one that failed again: the rest is loaded anew.
    if (settled !== 'committed' || unit.origin === 'parked') return settled
    return this.settle(
      {
        ...unit,
        entries: unit.entries.slice(middle),
        released: [],
        ids: unit.ids && { words: unit.ids.words.subarray(before * 4), offsets: unit.ids.offsets.slice(before) },
      },
      signal,
    )
  }

  /** What became of a commit whose answer was lost (I8). */
  async #learn(cause: unknown, signal: AbortSignal): Promise<'committed' | 'unchanged' | 'fenced' | 'aborted'> {
    for (let failures = 0; ; failures += 1) {
      try {
        const now = await this.#with.checkpoints.readBack(this.#fence)
        if (now === null || now.epoch !== this.#fence.epoch) return 'fenced'
        if (now.revision === this.#fence.revision) return 'unchanged'
        return now.revision === this.#fence.revision + 1n ? 'committed' : 'fenced'
      } catch (error) {
        if (!(await this.wait(error ?? cause, failures, signal))) return 'aborted'
      }
    }
  }

  /** Counts an attempt of the record at an offset before it runs: how many there were, this one included. */
  async countAttempt(offset: bigint, signal: AbortSignal): Promise<number | 'fenced' | 'aborted'> {
    for (let failures = 0; ; failures += 1) {
      try {
        const attempts = await this.#with.checkpoints.countAttempt(this.#fence, offset)
        this.#fence = { ...this.#fence, revision: this.#fence.revision + 1n }
        return attempts
      } catch (error) {
        if (error instanceof FencedError) return this.#lost(error)
        const outcome = await this.#learn(error, signal)
        if (outcome === 'fenced' || outcome === 'aborted') return outcome
        // It may have been counted: then it counts twice, which parks no event that did not take a process with it once more.
        if (outcome === 'committed') this.#fence = { ...this.#fence, revision: this.#fence.revision + 1n }
        if (!(await this.wait(error, failures, signal))) return 'aborted'
      }
    }
  }

  /** Waits before the next try, longer each time; false when the signal was aborted. */
  async wait(error: unknown, failures: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const ms = backOffMs(failures)
    this.waitingFor = messageOf(error)
    this.#with.logger.warn({ ...this.place, err: error, waitMs: ms }, 'an outage holds the partition; trying again')
    await this.#with.clock.sleep(ms, signal)
    this.waitingFor = null
    return !signal.aborted
  }

  #lost(error: FencedError): 'fenced' {
    this.phase = 'fenced'
    this.#with.logger.warn(
      { ...this.place, err: error },
      'the partition is taken again: another member claimed it, or its rows became shared',
    )
    return 'fenced'
  }

  #lastOf({ entries, origin }: Unit): LastRecord | null {
    const last = entries[entries.length - 1]?.record
    if (last === undefined || origin === 'parked') return null
    const { decoder } = this.#with
    return { offset: last.offset, timestamp: last.timestamp, eventId: storableText(decoder.eventId(last) ?? '') }
  }

  /** For log lines; the logger names the consumer. */
  get place(): Record<string, unknown> {
    return { topic: this.#fence.topic, partition: this.#fence.partition }
  }
}

/** A slice that ran and waits for its commit. */
interface Ready {
  readonly draft: SliceDraft
  readonly idWrite: IdWrite
  readonly values: readonly unknown[]
  readonly inTransaction: boolean
  readonly advance: Advance
  readonly fromLog: boolean
}

/** Leaves a transaction whose slice was not finished. */
class Aborted extends Error {}

function isDataFault(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.code === 'MILLRACE_DATABASE_REFUSED'
}
