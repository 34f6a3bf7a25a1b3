// Brings one segment back after a start: takes its checkpoint, reads the batches behind it, checks each checksum and
// learns index and producers from them. The last segment of a partition loses what follows its last whole batch (a torn
// tail was never acknowledged); damage in an earlier one is not a torn tail, and nothing is thrown away: it stops the start.

import { BatchScanner } from './batch-scanner.ts'
import type { ProducerStates } from './producer-states.ts'
import { readBatchHeader } from './record-batch.ts'
import type { Segment } from './segment.ts'
import { SegmentIndex } from './segment-index.ts'

export type SegmentRecovery = {
  readonly nextOffset: number
  /** Bytes of a torn tail that were cut off. */
  readonly truncatedBytes: number
}

export async function recoverSegment(
  segment: Segment,
  producers: ProducerStates,
  isLast: boolean,
  now: number,
): Promise<SegmentRecovery> {
  const checkpoint = await segment.readCheckpoint()
  // The last batches that the checkpoint speaks for are read again: the tail of the log is never taken on trust.
  const mayTrust = checkpoint !== null && (!isLast || (await isTailIntact(segment, checkpoint)))
  let position = 0
  let nextOffset = segment.baseOffset
  if (mayTrust) {
    segment.index = checkpoint.index
    producers.restore(checkpoint.producers)
    position = checkpoint.coveredBytes
    nextOffset = checkpoint.nextOffset
  } else {
    segment.index = new SegmentIndex(segment.baseOffset)
  }
  const scanner = new BatchScanner(segment.file)
  for (;;) {
    const batch = await scanner.intactBatchAt(position)
    if (batch === null) break
    const header = readBatchHeader(batch)
    if (header.baseOffset < nextOffset) break
    segment.index.add({ ...header, position })
    if (header.producerId >= 0) producers.apply(header, header.baseOffset, now)
    position += header.sizeBytes
    nextOffset = header.baseOffset + header.lastOffsetDelta + 1
  }
  const truncatedBytes = segment.file.size - position
  if (truncatedBytes > 0) {
    if (!isLast) {
      throw new Error(
        `The segment with base offset ${segment.baseOffset} is damaged at byte ${position} and is not the last one: ` +
          'restore the file from a copy, or delete the topic folder to give its records up.',
      )
    }
    await segment.file.truncate(position)
  }
  return { nextOffset, truncatedBytes }
}

async function isTailIntact(
  segment: Segment,
  checkpoint: { coveredBytes: number; index: SegmentIndex },
): Promise<boolean> {
  const scanner = new BatchScanner(segment.file)
  let position = checkpoint.index.lastPosition
  while (position < checkpoint.coveredBytes) {
    const batch = await scanner.intactBatchAt(position)
    if (batch === null) return false
    position += batch.length
  }
  return position === checkpoint.coveredBytes
}
