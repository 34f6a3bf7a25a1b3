// Takes the batches of one partition: intake, then units of records that are run and committed together. Where the last starts
// made no progress, records go in small steps, each counted before anything is done with it.
import type { BatchOutcome, FetchedBatch } from '../kafka/kafka-port.ts'
import { intakeRecords, type Intake, type IntakeSurroundings } from './intake.ts'
import {
  PartitionCommits,
  type ClaimedPartition,
  type PartitionSurroundings,
  type Settled,
} from './partition-commits.ts'
import { processDeath } from './process-death.ts'
import { refuseRecord } from './refuse-record.ts'

/** From this start without progress on, records go in small steps. */
const CAREFUL_STARTS = 3

export class PartitionRunner {
  readonly commits: PartitionCommits
  readonly #with: PartitionSurroundings

  constructor(claimed: ClaimedPartition, surroundings: PartitionSurroundings) {
    this.commits = new PartitionCommits(claimed, surroundings)
    this.#with = surroundings
  }

  /** Does the records of a fetch, and answers when they are committed. It never rejects. */
  async run(batch: FetchedBatch, signal: AbortSignal): Promise<BatchOutcome> {
    if (this.commits.phase === 'stopped' || this.commits.phase === 'fenced') return { kind: this.commits.phase }
    if (batch.fetchedOffset !== this.commits.next) {
      // The fetch began elsewhere, so records may be missing before it (I6): read again from where the checkpoint stands.
      this.#with.logger.warn(
        { ...this.commits.place, fetchedOffset: batch.fetchedOffset, next: this.commits.next },
        'a batch did not begin at the checkpoint and was not used',
      )
      return { kind: 'committed', next: this.commits.next }
    }
    const settled = await this.#runRecords(batch, signal)
    if (settled === 'committed') {
      this.commits.phase = 'idle'
      return { kind: 'committed', next: this.commits.next }
    }
    this.commits.phase = 'fenced'
    return { kind: settled }
  }

  async #runRecords(batch: FetchedBatch, signal: AbortSignal): Promise<Settled> {
    const first = batch.records[0]
    const isCareful =
      first !== undefined && (this.commits.starts >= CAREFUL_STARTS || this.commits.trying === first.offset)
    if (isCareful) return this.#runCarefully(batch, signal)
    if (first === undefined && batch.nextOffset === this.commits.next) return 'committed'
    this.commits.phase = 'applying'
    const intake = await intakeRecords(batch.records, this.intake(signal))
    if (intake === null) return 'aborted'
    return this.#settleIntake(intake, batch.nextOffset, signal)
  }

  /**
   * A record, then two, then four: each step is counted on its first record before anything is done with it, for even decoding
   * may be what ends the process. After a death the record it was counted on goes alone, so a further one is its own; and a backlog
   * after a few rebalances costs a dozen steps, not one for each record.
   */
  async #runCarefully({ records, nextOffset }: FetchedBatch, signal: AbortSignal): Promise<Settled> {
    const { strategy, decoder, logger } = this.#with
    logger.info(
      { ...this.commits.place, starts: this.commits.starts, next: this.commits.next },
      'the last starts made no progress: records go in small steps, each counted before it runs',
    )
    let size = 1
    for (let at = 0; at < records.length;) {
      const first = records[at]
      if (first === undefined) break
      const attempts = await this.commits.countAttempt(first.offset, signal)
      if (typeof attempts === 'string') return attempts
      const step = records.slice(at, at + size)
      at += step.length
      size = Math.min(size * 2, strategy.sliceSize)
      this.commits.phase = 'applying'
      const death = processDeath(attempts)
      const intake: Intake | null =
        death === null
          ? await intakeRecords(step, this.intake(signal))
          : { entries: [refuseRecord(first, decoder, death, null)], idWords: new Uint32Array(0), idOffsets: [] }
      const next = records[at]?.offset ?? nextOffset
      const settled = intake === null ? 'aborted' : await this.#settleIntake(intake, next, signal)
      if (settled !== 'committed') return settled
    }
    return 'committed'
  }

  async #settleIntake({ entries, idWords, idOffsets }: Intake, end: bigint, signal: AbortSignal): Promise<Settled> {
    const { sliceSize } = this.#with.strategy
    let ids = 0
    for (let at = 0; at === 0 || at < entries.length; at += sliceSize) {
      const slice = entries.slice(at, at + sliceSize)
      const following = entries[at + sliceSize]
      const next = following === undefined ? end : following.record.offset
      const firstId = ids
      while (ids < idOffsets.length && BigInt(idOffsets[ids] ?? 0) < next) ids += 1
      const settled = await this.commits.settle(
        {
          entries: slice,
          next,
          ids: { words: idWords.subarray(firstId * 4, ids * 4), offsets: idOffsets.slice(firstId, ids) },
          origin: 'log',
          released: [],
        },
        signal,
      )
      if (settled !== 'committed') return settled
    }
    return 'committed'
  }

  /** What intake needs, for records from the log; parked events take it without the window. */
  intake(signal: AbortSignal): IntakeSurroundings {
    let failures = 0
    const { decoder, strategy } = this.#with
    return {
      topic: this.commits.topic,
      decoder,
      treatment: (type) => strategy.treatment(type),
      window: this.commits.ids?.window ?? null,
      waitAfter: (error) => this.commits.wait(error, failures++, signal),
    }
  }
}
