// Looks into one batch for the record of a time. Records are decoded only here. A codec that Node has no decoder for
// (snappy, lz4, zstd) is answered with the batch's first record: an earlier place, so that nothing is skipped.

import { gunzipSync } from 'node:zlib'
import { BATCH_HEADER_BYTES, readBatchHeader } from './record-batch.ts'

export type TimedOffset = { readonly offset: number; readonly timestamp: number }

const CODEC_MASK = 0x07
const GZIP = 1
const LOG_APPEND_TIME_BIT = 0x08
/** A hostile batch must not unpack to all of memory. */
const MOST_UNPACKED_BYTES = 128 * 1024 * 1024

/** The first record of the batch whose timestamp is `time` or later; null when the batch holds none. */
export function findRecordByTime(batch: Buffer, time: number): TimedOffset | null {
  const header = readBatchHeader(batch)
  if (header.maxTimestamp < time) return null
  if (header.attributes & LOG_APPEND_TIME_BIT) return { offset: header.baseOffset, timestamp: header.maxTimestamp }
  const first = { offset: header.baseOffset, timestamp: header.firstTimestamp }
  const records = unpack(batch.subarray(BATCH_HEADER_BYTES, header.sizeBytes), header.attributes & CODEC_MASK)
  if (records === null) return first
  let at = 0
  for (let i = 0; i < header.recordCount && at < records.length; i++) {
    const length = readVarint(records, at)
    const timestampDelta = readVarint(records, length.end + 1)
    const offsetDelta = readVarint(records, timestampDelta.end)
    const timestamp = header.firstTimestamp + timestampDelta.value
    if (timestamp >= time) return { offset: header.baseOffset + offsetDelta.value, timestamp }
    at = length.end + length.value
  }
  return first
}

function unpack(records: Buffer, codec: number): Buffer | null {
  if (codec === 0) return records
  if (codec !== GZIP) return null
  try {
    return gunzipSync(records, { maxOutputLength: MOST_UNPACKED_BYTES })
  } catch {
    return null
  }
}

/** A zigzag varint. Past the end of the buffer it reads zeros, so a malformed batch ends the loop instead of throwing. */
function readVarint(buffer: Buffer, start: number): { value: number; end: number } {
  let raw = 0
  let at = start
  for (let factor = 1; at < start + 10; factor *= 128) {
    const byte = buffer[at] ?? 0
    at++
    raw += (byte & 0x7f) * factor
    if (byte < 0x80) break
  }
  return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, end: at }
}
