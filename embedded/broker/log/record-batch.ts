// A record batch (format v2) as the broker sees it: a header of 61 bytes in front of records that stay opaque, compressed
// or not. Only the base offset and the leader epoch are ever changed, which the checksum does not cover; the one
// exception is log append time, which rewrites the timestamps and the checksum as Apache Kafka does.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { crc32c } from '../wire/crc32c.ts'

export const BATCH_HEADER_BYTES = 61

/** Bytes before the part that the length field counts: base offset and the length itself. */
const PREFIX_BYTES = 12
const CRC_AT = 17
const CRC_COVERS_FROM = 21

const TIMESTAMP_TYPE_BIT = 0x08
const TRANSACTIONAL_BIT = 0x10
const CONTROL_BIT = 0x20

export type BatchHeader = {
  readonly baseOffset: number
  /** The whole batch, header included. */
  readonly sizeBytes: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

/** Base offset and size of the batch at a position: what a scan needs. Null when the header is not whole there. */
export function batchExtentAt(buffer: Buffer, at: number): { lastOffset: number; sizeBytes: number } | null {
  if (buffer.length - at < BATCH_HEADER_BYTES) return null
  return {
    lastOffset: i64(buffer, at) + buffer.readInt32BE(at + 23),
    sizeBytes: PREFIX_BYTES + buffer.readInt32BE(at + 8),
  }
}

export function readBatchHeader(buffer: Buffer, at = 0): BatchHeader {
  return {
    baseOffset: i64(buffer, at),
    sizeBytes: PREFIX_BYTES + buffer.readInt32BE(at + 8),
    attributes: buffer.readInt16BE(at + 21),
    lastOffsetDelta: buffer.readInt32BE(at + 23),
    firstTimestamp: i64(buffer, at + 27),
    maxTimestamp: i64(buffer, at + 35),
    producerId: i64(buffer, at + 43),
    producerEpoch: buffer.readInt16BE(at + 51),
    baseSequence: buffer.readInt32BE(at + 53),
    recordCount: buffer.readInt32BE(at + 57),
  }
}

/** Whether a whole batch with a right checksum begins at a position: the question that recovery asks. */
export function isIntactBatch(buffer: Buffer, at: number): boolean {
  if (buffer.length - at < BATCH_HEADER_BYTES || buffer[at + 16] !== 2) return false
  const end = at + PREFIX_BYTES + buffer.readInt32BE(at + 8)
  if (end - at < BATCH_HEADER_BYTES || end > buffer.length) return false
  return crc32c(buffer, at + CRC_COVERS_FROM, end) === buffer.readUInt32BE(at + CRC_AT)
}

/** Checks what a producer sent: exactly one whole batch v2 with a right checksum. Throws the refusal. */
export function readProducedBatch(records: Buffer): BatchHeader {
  if (records.length < BATCH_HEADER_BYTES) {
    throw new ProtocolError(errorCode.corruptMessage, 'The record batch is shorter than its header.')
  }
  if (records[16] !== 2) {
    throw new ProtocolError(errorCode.unsupportedForMessageFormat, 'Only record batches of format v2 are accepted.')
  }
  const header = readBatchHeader(records)
  if (header.sizeBytes < BATCH_HEADER_BYTES || header.sizeBytes > records.length) {
    throw new ProtocolError(errorCode.corruptMessage, 'The record batch is cut off.')
  }
  if (header.sizeBytes < records.length) {
    throw new ProtocolError(errorCode.invalidRecord, 'A produce request carries exactly one record batch a partition.')
  }
  if (!isIntactBatch(records, 0)) {
    throw new ProtocolError(errorCode.corruptMessage, 'The checksum of the record batch is wrong.')
  }
  if (header.recordCount < 1 || header.lastOffsetDelta !== header.recordCount - 1) {
    throw new ProtocolError(errorCode.invalidRecord, 'The record count does not fit the offsets of the record batch.')
  }
  if (header.attributes & (TRANSACTIONAL_BIT | CONTROL_BIT)) {
    throw new ProtocolError(errorCode.invalidRequest, 'Transactions are not supported by this broker.')
  }
  return header
}

/** Gives a batch its place in the log. */
export function stampBatch(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  batch.writeInt32BE(Math.floor(baseOffset / 0x1_0000_0000), 0)
  batch.writeUInt32BE(baseOffset >>> 0, 4)
  batch.writeInt32BE(leaderEpoch, 12)
}

/** Sets the append time as the timestamp of all records, and the checksum anew. */
export function stampAppendTime(batch: Buffer, now: number): void {
  batch.writeInt16BE(batch.readInt16BE(21) | TIMESTAMP_TYPE_BIT, 21)
  batch.writeInt32BE(Math.floor(now / 0x1_0000_0000), 35)
  batch.writeUInt32BE(now >>> 0, 39)
  batch.writeUInt32BE(crc32c(batch, CRC_COVERS_FROM), CRC_AT)
}

function i64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4)
}
