// What one partition remembers of idempotent producers: epoch and the last five batches of each, enough to answer a retry
// with the offset of the original and to refuse a gap. It is a function of the log: recovery applies the same batches and
// ends with the same state; a snapshot beside each segment's index only spares it the reading.
//
//   producer unknown, sequence 0                 -> append
//   producer unknown, other sequence             -> append if the log has lost its beginning, else UNKNOWN_PRODUCER_ID
//   older epoch                                  -> INVALID_PRODUCER_EPOCH
//   newer epoch                                  -> append if sequence 0, else OUT_OF_ORDER_SEQUENCE_NUMBER
//   same first and last sequence as a known one  -> duplicate
//   follows the last batch                       -> append
//   anything else                                -> OUT_OF_ORDER_SEQUENCE_NUMBER

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { BatchHeader } from './record-batch.ts'

const WINDOW_BATCHES = 5
const SEQUENCES = 2 ** 31

type KnownBatch = {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly timestamp: number
}
type ProducerState = { epoch: number; batches: KnownBatch[]; touchedAt: number }
type Snapshot = Record<string, ProducerState>

export class ProducerStates {
  readonly #states = new Map<number, ProducerState>()

  get size(): number {
    return this.#states.size
  }

  /**
   * Judges a batch before it gets an offset: null to append it, or the original that it repeats.
   * Throws the refusal of a sequence that fits neither.
   */
  check(batch: BatchHeader, logHasItsBeginning: boolean): KnownBatch | null {
    const state = this.#states.get(batch.producerId)
    if (state === undefined) {
      if (batch.baseSequence === 0 || !logHasItsBeginning) return null
      throw new ProtocolError(
        errorCode.unknownProducerId,
        `Producer ${batch.producerId} has no batches in this partition, its first one must have sequence 0.`,
      )
    }
    if (batch.producerEpoch < state.epoch) {
      throw new ProtocolError(
        errorCode.invalidProducerEpoch,
        `Producer ${batch.producerId} writes with epoch ${batch.producerEpoch}, a newer one has ${state.epoch}.`,
      )
    }
    if (batch.producerEpoch > state.epoch) {
      if (batch.baseSequence === 0) return null
      throw this.#outOfOrder(batch, 0)
    }
    const lastSequence = wrap(batch.baseSequence + batch.lastOffsetDelta)
    const original = state.batches.find(
      (known) => known.firstSequence === batch.baseSequence && known.lastSequence === lastSequence,
    )
    if (original) return original
    const expected = wrap(state.batches.at(-1)!.lastSequence + 1)
    if (batch.baseSequence === expected) return null
    throw this.#outOfOrder(batch, expected)
  }

  /** Remembers a batch that has its offset. */
  apply(batch: BatchHeader, baseOffset: number, now: number): void {
    const known = {
      firstSequence: batch.baseSequence,
      lastSequence: wrap(batch.baseSequence + batch.lastOffsetDelta),
      baseOffset,
      timestamp: batch.maxTimestamp,
    }
    const state = this.#states.get(batch.producerId)
    if (state === undefined || state.epoch !== batch.producerEpoch) {
      this.#states.set(batch.producerId, { epoch: batch.producerEpoch, batches: [known], touchedAt: now })
      return
    }
    state.batches.push(known)
    if (state.batches.length > WINDOW_BATCHES) state.batches.shift()
    state.touchedAt = now
  }

  /** Forgets producers that wrote nothing since `time`: every start of an idempotent producer makes a new one. */
  forgetBefore(time: number): void {
    for (const [id, state] of this.#states) if (state.touchedAt < time) this.#states.delete(id)
  }

  toBuffer(): Buffer {
    return Buffer.from(JSON.stringify(Object.fromEntries(this.#states)))
  }

  /** Puts a snapshot in the place of the present state. */
  restore(snapshot: Buffer): void {
    this.#states.clear()
    for (const [id, state] of Object.entries(JSON.parse(snapshot.toString()) as Snapshot)) {
      this.#states.set(Number(id), state)
    }
  }

  #outOfOrder(batch: BatchHeader, expected: number): ProtocolError {
    return new ProtocolError(
      errorCode.outOfOrderSequenceNumber,
      `Producer ${batch.producerId} sent sequence ${batch.baseSequence}, expected was ${expected}.`,
    )
  }
}

/** Sequences are 31 bits wide and begin at 0 again. */
function wrap(sequence: number): number {
  return sequence % SEQUENCES
}
