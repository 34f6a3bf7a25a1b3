// CRC-32C (Castagnoli), the checksum of record batches and of the broker's own logs. Slicing by eight: a produce request
// is checked at about 1 GB/s, far above what its client can encode.

const TABLES = makeTables()
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES

/** The checksum of `buffer` from `start` to `end`, as an unsigned number. */
export function crc32c(buffer: Buffer, start = 0, end: number = buffer.length): number {
  let crc = -1
  let at = start
  for (const last = end - 8; at <= last; at += 8) {
    crc ^= buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24)
    crc =
      T7[crc & 0xff]! ^
      T6[(crc >>> 8) & 0xff]! ^
      T5[(crc >>> 16) & 0xff]! ^
      T4[crc >>> 24]! ^
      T3[buffer[at + 4]!]! ^
      T2[buffer[at + 5]!]! ^
      T1[buffer[at + 6]!]! ^
      T0[buffer[at + 7]!]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ buffer[at]!) & 0xff]!
  return (crc ^ -1) >>> 0
}

type Tables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]

function makeTables(): Tables {
  const first = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    first[byte] = crc
  }
  const tables = [first]
  for (let i = 1; i < 8; i++) {
    tables.push(Int32Array.from(tables[i - 1]!, (crc) => (crc >>> 8) ^ first[crc & 0xff]!))
  }
  return tables as Tables
}
