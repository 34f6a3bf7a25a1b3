// Whether the records of a batch are what its header says, as Apache Kafka checks before it takes them: a batch that no consumer
// can read would stop all of them at its offset. Records compressed with another codec than gzip are taken unseen, because Node
// cannot unpack them.
import { gunzipSync } from 'node:zlib'
import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { BATCH_HEADER_BYTES, type BatchHeader } from './record-batch.ts'

const CODEC_BITS = 0x07
const GZIP = 1
/** A batch that unpacks to more is refused: a few bytes can be gigabytes. */
const LARGEST_UNPACKED_BYTES = 128 * 1024 * 1024

/** Throws the refusal of a batch whose records do not fit its header or themselves. */
export function checkRecords(batch: Buffer, header: BatchHeader): void {
  const codec = header.attributes & CODEC_BITS
  if (codec > GZIP) return
  const packed = batch.subarray(BATCH_HEADER_BYTES)
  const bytes = codec === GZIP ? unpack(packed) : packed
  const end = new Cursor(bytes).skipRecords(header.recordCount)
  if (end !== bytes.length) throw invalid('bytes follow its last record')
}

function unpack(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: LARGEST_UNPACKED_BYTES })
  } catch (error) {
    throw invalid(`it cannot be unpacked: ${(error as Error).message}`)
  }
}

class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Walks over the records and gives the position behind the last. */
  skipRecords(count: number): number {
    for (let index = 0; index < count; index++) {
      const length = this.#varint()
      const end = this.#at + length
      if (length < 0 || end > this.#bytes.length) throw invalid('a record is longer than the batch')
      this.#at++ // attributes
      this.#varint() // time
      if (this.#varint() !== index) throw invalid('its offsets have a gap')
      this.#skipBytes(-1, end)
      this.#skipBytes(-1, end)
      const headers = this.#varint()
      if (headers < 0 || headers > end - this.#at) throw invalid('a record has more headers than bytes')
      for (let left = headers; left > 0; left--) {
        this.#skipBytes(0, end)
        this.#skipBytes(-1, end)
      }
      if (this.#at !== end) throw invalid('a record is not as long as it says')
    }
    return this.#at
  }

  #skipBytes(least: number, end: number): void {
    const length = this.#varint()
    if (length < least || length > end - this.#at) throw invalid('a field is longer than its record')
    if (length > 0) this.#at += length
  }

  /** Zigzag, of at most 64 bits. */
  #varint(): number {
    let value = 0
    let scale = 1
    for (let read = 0; read < 10; read++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw invalid('it ends within a number')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      scale *= 128
    }
    throw invalid('a number is longer than 10 bytes')
  }
}

function invalid(why: string): ProtocolError {
  return new ProtocolError(errorCode.invalidRecord, `The record batch is not readable: ${why}.`)
}
