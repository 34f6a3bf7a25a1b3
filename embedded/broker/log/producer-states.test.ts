import { describe, expect, it } from 'vitest'
import { makeBatch, type BatchSketch } from '../testing/make-batch.ts'
import { errorCode } from '../wire/error-code.ts'
import { ProducerStates } from './producer-states.ts'
import { readBatchHeader } from './record-batch.ts'

const header = (baseSequence: number, count = 1, more: BatchSketch = {}) =>
  readBatchHeader(
    makeBatch({ values: Array(count).fill('v') as string[], producerId: 7, producerEpoch: 0, baseSequence, ...more }),
  )

/** Five batches of one record with sequences 0 to 4 at offsets 100 to 104. */
function fiveBatches(): ProducerStates {
  const states = new ProducerStates()
  for (let i = 0; i < 5; i++) states.apply(header(i), 100 + i, 0)
  return states
}

describe('ProducerStates', () => {
  it('lets the next sequence pass and finds a repeat among the last five batches', () => {
    const states = fiveBatches()
    expect(states.check(header(5), true)).toBeNull()
    expect(states.check(header(0), true)?.baseOffset).toBe(100)
    expect(states.check(header(4), true)?.baseOffset).toBe(104)
    states.apply(header(5), 105, 0)
    expect(() => states.check(header(0), true)).toThrow(
      expect.objectContaining({ code: errorCode.outOfOrderSequenceNumber }),
    )
  })

  it('takes a batch for a repeat only when its first and its last sequence are the same', () => {
    expect(() => fiveBatches().check(header(4, 2), true)).toThrow(
      expect.objectContaining({ code: errorCode.outOfOrderSequenceNumber }),
    )
  })

  it('refuses a gap', () => {
    expect(() => fiveBatches().check(header(6), true)).toThrow(
      expect.objectContaining({ code: errorCode.outOfOrderSequenceNumber }),
    )
  })

  it('refuses an unknown producer in the middle of its sequence, unless the log has lost its beginning', () => {
    const states = new ProducerStates()
    expect(states.check(header(0), true)).toBeNull()
    expect(states.check(header(3), false)).toBeNull()
    expect(() => states.check(header(3), true)).toThrow(expect.objectContaining({ code: errorCode.unknownProducerId }))
  })

  it('fences an older epoch and starts a newer one at sequence 0', () => {
    const states = fiveBatches()
    states.apply(header(0, 1, { producerEpoch: 1 }), 105, 0)
    expect(() => states.check(header(5), true)).toThrow(
      expect.objectContaining({ code: errorCode.invalidProducerEpoch }),
    )
    expect(states.check(header(1, 1, { producerEpoch: 1 }), true)).toBeNull()
    expect(() => states.check(header(1, 1, { producerEpoch: 2 }), true)).toThrow(
      expect.objectContaining({ code: errorCode.outOfOrderSequenceNumber }),
    )
  })

  it('lets the sequence begin again behind the largest one', () => {
    const states = new ProducerStates()
    states.apply(header(2 ** 31 - 2, 2), 100, 0)
    expect(states.check(header(0), true)).toBeNull()
    expect(states.check(header(2 ** 31 - 2, 2), true)?.baseOffset).toBe(100)
  })

  it('comes back from its snapshot', () => {
    const states = new ProducerStates()
    states.restore(fiveBatches().toBuffer())
    expect(states.check(header(2), true)?.baseOffset).toBe(102)
    expect(states.check(header(5), true)).toBeNull()
  })

  it('forgets producers that have been silent', () => {
    const states = fiveBatches()
    states.forgetBefore(1)
    expect(states.size).toBe(0)
  })
})
