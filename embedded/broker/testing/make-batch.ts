// Makes a record batch v2 byte by byte, for tests that speak to the log or to the wire without a client.

import { crc32c } from '../wire/crc32c.ts'
import { Writer } from '../wire/writer.ts'

export type BatchSketch = {
  readonly values?: readonly string[]
  readonly timestamps?: readonly number[]
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
}

/** Offsets begin at 0, as a producer sends them. */
export function makeBatch(sketch: BatchSketch = {}): Buffer {
  const { values = ['value'], producerId = -1, producerEpoch = -1, baseSequence = -1 } = sketch
  const timestamps = sketch.timestamps ?? values.map(() => 1000)
  const first = timestamps[0] ?? 0
  const records = values.map((value, i) => record(value, (timestamps[i] ?? first) - first, i))
  const covered = new Writer()
  covered.i16(0).i32(values.length - 1)
  covered.i64(first).i64(Math.max(...timestamps))
  covered.i64(producerId).i16(producerEpoch).i32(baseSequence).i32(values.length)
  const body = Buffer.concat([covered.toBuffer(), ...records])
  const batch = new Writer()
  batch
    .i64(0)
    .i32(body.length + 9)
    .i32(-1)
    .i8(2)
  batch.i32(crc32c(body) | 0).raw(body)
  return batch.toBuffer()
}

function record(value: string, timestampDelta: number, offsetDelta: number): Buffer {
  const bytes = Buffer.from(value)
  const body = Buffer.concat([
    Buffer.from([0]),
    zigzag(timestampDelta),
    zigzag(offsetDelta),
    zigzag(-1),
    zigzag(bytes.length),
    bytes,
    zigzag(0),
  ])
  return Buffer.concat([zigzag(body.length), body])
}

function zigzag(value: number): Buffer {
  return new Writer().uvarint(value >= 0 ? value * 2 : -value * 2 - 1).toBuffer()
}
