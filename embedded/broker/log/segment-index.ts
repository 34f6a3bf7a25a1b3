// The sparse index of one segment: about every 4 KiB the first offset of a batch, its place, and the highest timestamp
// before it. Lookups return a place from where to walk batch headers. Timestamps may run backwards; the running maximum
// does not, so both searches are bisections.

const INTERVAL_BYTES = 4096
const ENTRY_BYTES = 20

type IndexedBatch = {
  readonly baseOffset: number
  readonly position: number
  readonly sizeBytes: number
  readonly maxTimestamp: number
}

export class SegmentIndex {
  readonly #baseOffset: number
  readonly #offsets: number[] = []
  readonly #positions: number[] = []
  readonly #timesBefore: number[] = []
  #maxTimestamp = -1
  #maxTimestampPosition = 0

  constructor(baseOffset: number) {
    this.#baseOffset = baseOffset
  }

  /** The highest batch timestamp of the segment, -1 while it is empty. */
  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /** Where the batch with the highest timestamp begins. */
  get maxTimestampPosition(): number {
    return this.#maxTimestampPosition
  }

  /** The place of the last entry: everything behind it was never looked at by the index. */
  get lastPosition(): number {
    return this.#positions.at(-1) ?? 0
  }

  add(batch: IndexedBatch): void {
    if (this.#positions.length === 0 || batch.position - this.lastPosition >= INTERVAL_BYTES) {
      this.#offsets.push(batch.baseOffset)
      this.#positions.push(batch.position)
      this.#timesBefore.push(this.#maxTimestamp)
    }
    if (batch.maxTimestamp > this.#maxTimestamp) {
      this.#maxTimestamp = batch.maxTimestamp
      this.#maxTimestampPosition = batch.position
    }
  }

  /** A place at or before the batch that holds the offset. */
  positionOfOffset(offset: number): number {
    return this.#positions[lastAtMost(this.#offsets, offset)] ?? 0
  }

  /** A place at or before the first batch whose highest timestamp reaches `time`. */
  positionOfTime(time: number): number {
    return this.#positions[lastAtMost(this.#timesBefore, time - 1)] ?? 0
  }

  toBuffer(): Buffer {
    const buffer = Buffer.alloc(20 + this.#offsets.length * ENTRY_BYTES)
    buffer.writeBigInt64BE(BigInt(this.#maxTimestamp), 0)
    buffer.writeBigInt64BE(BigInt(this.#maxTimestampPosition), 8)
    buffer.writeUInt32BE(this.#offsets.length, 16)
    for (let i = 0, at = 20; i < this.#offsets.length; i++, at += ENTRY_BYTES) {
      buffer.writeUInt32BE(this.#offsets[i]! - this.#baseOffset, at)
      buffer.writeBigInt64BE(BigInt(this.#positions[i]!), at + 4)
      buffer.writeBigInt64BE(BigInt(this.#timesBefore[i]!), at + 12)
    }
    return buffer
  }

  static fromBuffer(baseOffset: number, buffer: Buffer): SegmentIndex {
    const index = new SegmentIndex(baseOffset)
    index.#maxTimestamp = Number(buffer.readBigInt64BE(0))
    index.#maxTimestampPosition = Number(buffer.readBigInt64BE(8))
    const count = buffer.readUInt32BE(16)
    for (let i = 0, at = 20; i < count; i++, at += ENTRY_BYTES) {
      index.#offsets.push(baseOffset + buffer.readUInt32BE(at))
      index.#positions.push(Number(buffer.readBigInt64BE(at + 4)))
      index.#timesBefore.push(Number(buffer.readBigInt64BE(at + 12)))
    }
    return index
  }
}

/** The index of the last value that is not above `limit` in ascending values; 0 when all are. */
function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (values[middle]! <= limit) low = middle
    else high = middle - 1
  }
  return low
}
