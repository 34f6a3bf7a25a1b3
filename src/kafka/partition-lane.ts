// One assigned partition of one generation: fetches ahead by one batch while the handler works on another, and never hands it
// two at once. A lane belongs to one assignment; after a rebalance there is a new one, and this one only ends.
//
//   starting ──open──▶ reading ◀──────────── committed, aborted (after a back-off: again from `position`)
//      ▲                  │ batch arrived, slot free
//      │ fenced           ▼
//      └─────────────── working ──stopped──▶ stopped (until the next assignment)
//   every state ──close──▶ closed
//
// `position` is where the handler said to read on. `#fetchAt` may be further: the batch being worked on, and ranges in which
// nothing is visible (control records, aborted or compacted ones, K11, K12). What was not handed out is never claimed: the
// next batch begins, for the handler, at the position before such a range.
import { setMaxListeners } from 'node:events'
import { backOffMs } from './back-off-ms.ts'
import type { FetchedPartition } from './fetch-records.ts'
import type { BatchOutcome, FetchedBatch, GroupHandler } from './kafka-port.ts'
import type { Logger } from '../observability/logger.ts'
import type { Position, TopicPartition } from './record.ts'
import { wait } from './wait.ts'

type LaneState = 'starting' | 'reading' | 'working' | 'stopped' | 'closed'

/** What a lane asks of the member it belongs to. */
export interface LaneOwner {
  readonly handler: GroupHandler
  readonly logger: Logger
  /** Waits for a free place among the partitions worked on at once; the function returned gives it back. */
  takeSlot(): Promise<() => void>
  /** There is room for another batch: fetch. */
  roomMade(): void
  /** Proves that the member still is one, then asks the handler anew where to read. */
  restart(lane: PartitionLane): Promise<void>
}

export class PartitionLane {
  readonly topic: string
  readonly partition: number
  /** Resolves when no call of the handler is running any more, however the lane ended. */
  ended: Promise<void> = Promise.resolve()
  readonly #owner: LaneOwner
  readonly #closing = new AbortController()
  #state: LaneState = 'starting'
  #position: bigint | undefined
  #fetchAt = 0n
  /** The end of the batches handed out or buffered so far, as the handler sees it. */
  #claimed = 0n
  #aheadOutOfRange = false
  #buffered: FetchedBatch | undefined
  #failures = 0

  constructor({ topic, partition }: TopicPartition, owner: LaneOwner) {
    this.topic = topic
    this.partition = partition
    this.#owner = owner
    // A handler may run many pieces of work at once, and each listens.
    setMaxListeners(0, this.#closing.signal)
  }

  /** Where the handler reads on; undefined until it said so. */
  get position(): Position | undefined {
    if (this.#position === undefined) return undefined
    return { topic: this.topic, partition: this.partition, offset: this.#position }
  }

  /** Where to fetch, or undefined while there is no room or nothing to do. */
  get fetchAt(): bigint | undefined {
    const open = this.#state === 'reading' || (this.#state === 'working' && !this.#aheadOutOfRange)
    return open && this.#buffered === undefined ? this.#fetchAt : undefined
  }

  /** Whether it will want to be fetched soon, though not now. */
  get isFull(): boolean {
    return this.#state === 'working' && this.#buffered !== undefined
  }

  get signal(): AbortSignal {
    return this.#closing.signal
  }

  /** Begins to read where the handler said. */
  open(offset: bigint): void {
    if (this.#state !== 'starting') return
    this.#state = 'reading'
    this.#seek(offset)
  }

  /** Ends the lane: the running call's signal is aborted, nothing more is handed out. */
  close(): void {
    this.#state = 'closed'
    this.#buffered = undefined
    this.#closing.abort()
  }

  /** Takes what a fetch brought. An answer to a place that is no longer asked for is dropped (K9). */
  deliver(fetched: FetchedPartition): void {
    if (fetched.offset !== this.fetchAt) return
    const { records, nextOffset, highWatermark } = fetched
    const fetchedOffset = this.#claimed
    this.#fetchAt = nextOffset
    if (records.length === 0) return
    this.#buffered = { topic: this.topic, partition: this.partition, fetchedOffset, nextOffset, highWatermark, records }
    this.#claimed = nextOffset
    if (this.#state !== 'reading') return
    this.#state = 'working'
    this.ended = this.#work()
  }

  /** The log does not reach `fetchAt` any more, or not yet: the handler decides anew where to read. */
  async outOfRange(): Promise<void> {
    // Found while fetching ahead: it is asked again, and decided, when the running batch has ended.
    this.#aheadOutOfRange = this.#state === 'working'
    if (this.#state !== 'reading') return
    this.#state = 'starting'
    await this.#backOff()
    await this.#restart()
  }

  #seek(offset: bigint): void {
    this.#position = offset
    this.#claimed = offset
    this.#fetchAt = offset
    this.#buffered = undefined
    this.#owner.roomMade()
  }

  async #work(): Promise<void> {
    while (this.#buffered !== undefined && this.#state === 'working') {
      const giveBack = await this.#owner.takeSlot()
      let outcome: BatchOutcome
      let batch: FetchedBatch
      try {
        if (this.signal.aborted) return
        batch = this.#buffered
        this.#buffered = undefined
        this.#owner.roomMade()
        outcome = await this.#handle(batch)
      } finally {
        giveBack()
      }
      if (this.#isClosed()) {
        // What was committed before the end of the lane still belongs into the mirror.
        if (outcome.kind === 'committed') this.#position = outcome.next
        return
      }
      if (!(await this.#settle(batch, outcome))) return
    }
    if (this.#state !== 'working') return
    this.#state = 'reading'
    if (!this.#aheadOutOfRange) return
    this.#aheadOutOfRange = false
    this.#owner.roomMade()
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** No exception leaves it: one that did would end reading for good in kafkajs (F4), and here the lane. */
  async #handle(batch: FetchedBatch): Promise<BatchOutcome> {
    try {
      return await this.#owner.handler.batch(batch, this.signal)
    } catch (error) {
      const { topic, partition, fetchedOffset } = batch
      this.#owner.logger.error(
        { err: error, topic, partition, fetchedOffset },
        'the batch handler threw; the batch is read again',
      )
      return { kind: 'aborted' }
    }
  }

  /** True if the work goes on with what was fetched ahead; false if the lane was opened anew, or will be, or stays closed. */
  async #settle(batch: FetchedBatch, outcome: BatchOutcome): Promise<boolean> {
    switch (outcome.kind) {
      case 'committed':
        if (outcome.next > batch.fetchedOffset) this.#failures = 0
        this.#position = outcome.next
        // What was fetched ahead is only right if it follows without a gap.
        if (outcome.next === batch.nextOffset) return true
        await this.#readAgain(outcome.next, outcome.next <= batch.fetchedOffset)
        return false
      case 'aborted':
        await this.#readAgain(batch.fetchedOffset, true)
        return false
      case 'fenced':
        this.#state = 'starting'
        this.#buffered = undefined
        await this.#backOff()
        // Not awaited: the lane ends its work here and is opened anew.
        void this.#restart()
        return false
      case 'stopped':
        this.#state = 'stopped'
        this.#buffered = undefined
    }
    return false
  }

  async #readAgain(offset: bigint, afterBackOff: boolean): Promise<void> {
    this.#state = 'starting'
    this.#buffered = undefined
    if (afterBackOff) await this.#backOff()
    // Does nothing if the lane was closed meanwhile.
    this.open(offset)
  }

  async #restart(): Promise<void> {
    if (!this.#isClosed()) await this.#owner.restart(this)
  }

  async #backOff(): Promise<void> {
    const ms = backOffMs(this.#failures)
    this.#failures += 1
    await wait(ms, this.signal)
  }
}
