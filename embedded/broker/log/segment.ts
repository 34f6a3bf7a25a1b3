// One segment of a partition: a file of whole batches in offset order, and its sparse index in memory. The checkpoint
// file beside it holds that index and the producers' state as they were at one size of the file, written when the segment
// is closed, at a clean stop and now and then: recovery reads batches only behind it.

import { crc32c } from '../wire/crc32c.ts'
import type { Folder, StoredFile } from '../storage/folder.ts'
import { findRecordByTime, type TimedOffset } from './find-record-by-time.ts'
import { BATCH_HEADER_BYTES, batchExtentAt } from './record-batch.ts'
import { SegmentIndex } from './segment-index.ts'

const CHECKPOINT_HEADER_BYTES = 24
/** Read beyond what was asked for, so that walking from an index entry to the wanted batch needs no second read. */
const SLACK_BYTES = 8192

export type Checkpoint = {
  readonly coveredBytes: number
  readonly nextOffset: number
  readonly index: SegmentIndex
  readonly producers: Buffer
}

export class Segment {
  readonly baseOffset: number
  readonly file: StoredFile
  index: SegmentIndex
  #checkpointedBytes = -1
  readonly #folder: Folder

  private constructor(folder: Folder, baseOffset: number, file: StoredFile) {
    this.#folder = folder
    this.baseOffset = baseOffset
    this.file = file
    this.index = new SegmentIndex(baseOffset)
  }

  static async open(folder: Folder, baseOffset: number): Promise<Segment> {
    return new Segment(folder, baseOffset, await folder.open(`${fileStem(baseOffset)}.log`))
  }

  /** The base offsets of the segments in a folder, ascending. */
  static async list(folder: Folder): Promise<number[]> {
    const names = await folder.names()
    return names
      .filter((name) => name.endsWith('.log'))
      .map((name) => Number.parseInt(name, 10))
      .sort((a, b) => a - b)
  }

  get uncheckpointedBytes(): number {
    return this.file.size - Math.max(this.#checkpointedBytes, 0)
  }

  /**
   * Whole batches from the one that holds `offset`, up to `maxBytes`; the first one always, even when it is larger.
   * Empty when no batch at or behind the offset lies before `endPosition`.
   */
  async read(offset: number, maxBytes: number, endPosition: number): Promise<Buffer> {
    let position = this.index.positionOfOffset(offset)
    for (;;) {
      const buffer = await this.file.read(position, Math.min(maxBytes + SLACK_BYTES, endPosition - position))
      const start = skipBefore(buffer, offset)
      if (start.found) return this.#wholeBatches(buffer, start.at, position, maxBytes)
      // The wanted batch lies further back than one read reaches (a large batch after the index entry).
      if (start.at === 0) return buffer.subarray(0, 0)
      position += start.at
      if (position >= endPosition) return buffer.subarray(0, 0)
    }
  }

  /** The first record at or after a time, null when the segment holds none. */
  async findByTime(time: number, fromOffset: number): Promise<TimedOffset | null> {
    if (this.index.maxTimestamp < time) return null
    let position = this.index.positionOfTime(time)
    while (position < this.file.size) {
      const head = await this.file.read(position, BATCH_HEADER_BYTES)
      const extent = batchExtentAt(head, 0)
      if (extent === null) return null
      if (extent.lastOffset >= fromOffset && Number(head.readBigInt64BE(35)) >= time) {
        const found = findRecordByTime(await this.file.read(position, extent.sizeBytes), time)
        if (found && found.offset >= fromOffset) return found
      }
      position += extent.sizeBytes
    }
    return null
  }

  /** The first record that carries the highest timestamp of the segment. */
  async findHighestTime(): Promise<TimedOffset | null> {
    const position = this.index.maxTimestampPosition
    const extent = batchExtentAt(await this.file.read(position, BATCH_HEADER_BYTES), 0)
    return extent && findRecordByTime(await this.file.read(position, extent.sizeBytes), this.index.maxTimestamp)
  }

  /** Forces the batches to the disk, then writes the checkpoint that speaks for them. */
  async writeCheckpoint(nextOffset: number, producers: Buffer): Promise<void> {
    const coveredBytes = this.file.size
    if (coveredBytes === this.#checkpointedBytes) return
    const index = this.index.toBuffer()
    await this.file.sync()
    const content = Buffer.concat([Buffer.alloc(CHECKPOINT_HEADER_BYTES), index, producers])
    content.writeBigInt64BE(BigInt(coveredBytes), 4)
    content.writeBigInt64BE(BigInt(nextOffset), 12)
    content.writeUInt32BE(index.length, 20)
    content.writeUInt32BE(crc32c(content, 4), 0)
    await this.#folder.replace(`${fileStem(this.baseOffset)}.index`, content)
    this.#checkpointedBytes = coveredBytes
  }

  /** The checkpoint, null when there is none that is whole and speaks of no more bytes than the file has. */
  async readCheckpoint(): Promise<Checkpoint | null> {
    const content = await this.#folder.read(`${fileStem(this.baseOffset)}.index`)
    if (content === null || content.length < CHECKPOINT_HEADER_BYTES) return null
    if (content.readUInt32BE(0) !== crc32c(content, 4)) return null
    const coveredBytes = Number(content.readBigInt64BE(4))
    if (coveredBytes > this.file.size) return null
    const indexEnd = CHECKPOINT_HEADER_BYTES + content.readUInt32BE(20)
    this.#checkpointedBytes = coveredBytes
    return {
      coveredBytes,
      nextOffset: Number(content.readBigInt64BE(12)),
      index: SegmentIndex.fromBuffer(this.baseOffset, content.subarray(CHECKPOINT_HEADER_BYTES, indexEnd)),
      producers: content.subarray(indexEnd),
    }
  }

  async remove(): Promise<void> {
    await this.file.close()
    await this.#folder.removeFile(`${fileStem(this.baseOffset)}.index`)
    await this.#folder.removeFile(`${fileStem(this.baseOffset)}.log`)
  }

  async #wholeBatches(buffer: Buffer, start: number, position: number, maxBytes: number): Promise<Buffer> {
    const first = batchExtentAt(buffer, start)!
    if (start + first.sizeBytes > buffer.length) return this.file.read(position + start, first.sizeBytes)
    let end = start + first.sizeBytes
    for (;;) {
      const next = batchExtentAt(buffer, end)
      if (next === null || end + next.sizeBytes > buffer.length || end + next.sizeBytes - start > maxBytes) break
      end += next.sizeBytes
    }
    return buffer.subarray(start, end)
  }
}

/** Walks batch headers to the first batch that ends at or behind the offset, or to where the buffer knows no more. */
function skipBefore(buffer: Buffer, offset: number): { at: number; found: boolean } {
  let at = 0
  for (;;) {
    const extent = batchExtentAt(buffer, at)
    if (extent === null) return { at, found: false }
    if (extent.lastOffset >= offset) return { at, found: true }
    at += extent.sizeBytes
  }
}

function fileStem(baseOffset: number): string {
  return String(baseOffset).padStart(20, '0')
}
