// Decodes the record batches of a fetch answer (format v2). Instead of kafkajs's decoder, for three faults of that: aborted
// transactions that overlap leak, an empty batch kept by compaction stops a partition for ever (K12), and headers cost more
// than the rest of the record. Key, value and headers are views into the answer, made when they are first asked for.
import { gunzipSync } from 'node:zlib'
import * as zlib from 'node:zlib'
import type { LogRecord } from './record.ts'

const BATCH_OVERHEAD = 12
const HEADER_BYTES = 61
const TRANSACTIONAL = 0x10
const CONTROL = 0x20
const LOG_APPEND_TIME = 0x8
const ABORT_MARKER = 0
/** The limit of Date, in milliseconds on both sides of 1970. */
const LATEST_TIME = 8.64e15
const NO_TIME = -1
/** Length, attributes, time, offset, key, value and headers of an empty record: a byte each. */
const SMALLEST_RECORD_BYTES = 7
/** A few bytes can be compressed gigabytes: a batch that unpacks to more is not read. */
const LARGEST_UNPACKED_BYTES = 128 * 1024 * 1024

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export interface DecodedBatches {
  /** The visible records from the offset asked for on. */
  readonly records: readonly LogRecord[]
  /** The offset after the last whole batch, or the offset asked for if there was none. */
  readonly nextOffset: bigint
}

/** Decodes all whole batches; an incomplete one at the end is left for the next fetch. */
export function decodeRecordBatches(
  topic: string,
  partition: number,
  from: bigint,
  bytes: Buffer,
  abortedTransactions: readonly AbortedTransaction[],
): DecodedBatches {
  const records: LogRecord[] = []
  const aborted = [...abortedTransactions].sort((a, b) => Number(a.firstOffset - b.firstOffset))
  const aborting = new Set<bigint>()
  let nextOffset = from
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) {
    const end = at + BATCH_OVERHEAD + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    const magic = bytes.readInt8(at + 16)
    if (magic !== 2) throw new Error(`${topic} [${partition}]: record batch format ${magic} is not supported, only 2`)
    const baseOffset = bytes.readBigInt64BE(at)
    const attributes = bytes.readInt16BE(at + 21)
    const lastOffset = baseOffset + BigInt(bytes.readInt32BE(at + 23))
    const producerId = bytes.readBigInt64BE(at + 43)
    while (aborted[0] !== undefined && aborted[0].firstOffset <= lastOffset) {
      aborting.add((aborted.shift() as AbortedTransaction).producerId)
    }
    if ((attributes & CONTROL) !== 0) {
      if (isAbortMarker(bytes, at)) aborting.delete(producerId)
    } else if ((attributes & TRANSACTIONAL) === 0 || !aborting.has(producerId)) {
      decodeRecords(topic, partition, from, bytes.subarray(at, end), baseOffset, attributes, records)
    }
    // The batch's own last offset, not that of its last record: compaction removes records, never the range they stood in.
    if (lastOffset >= nextOffset) nextOffset = lastOffset + 1n
    at = end
  }
  return { records, nextOffset }
}

function isAbortMarker(bytes: Buffer, at: number): boolean {
  const cursor = { bytes, at: at + HEADER_BYTES }
  if (bytes.readInt32BE(at + 57) === 0) return false
  readVarint(cursor)
  cursor.at += 1
  readVarint(cursor)
  readVarint(cursor)
  const keyLength = readVarint(cursor)
  return keyLength >= 4 && bytes.readInt16BE(cursor.at + 2) === ABORT_MARKER
}

function decodeRecords(
  topic: string,
  partition: number,
  from: bigint,
  batch: Buffer,
  baseOffset: bigint,
  attributes: number,
  into: LogRecord[],
): void {
  const baseTimestamp = Number(batch.readBigInt64BE(27))
  const maxTimestamp = Number(batch.readBigInt64BE(35))
  const count = batch.readInt32BE(57)
  const cursor = { bytes: decompress(attributes & 0x7, batch.subarray(HEADER_BYTES)), at: 0 }
  // Before anything is made for each: the count is the producer's word.
  if (count < 0 || count * SMALLEST_RECORD_BYTES > cursor.bytes.length)
    throw new Error(`a record batch cannot hold ${count} records in ${cursor.bytes.length} bytes: it is corrupt`)
  const shared: SharedHeaders = { names: new HeaderNames(), lastRecord: null, lastHeaders: {} }
  for (let index = 0; index < count; index += 1) {
    const length = readVarint(cursor)
    const end = cursor.at + length
    if (length < SMALLEST_RECORD_BYTES - 1 || end > cursor.bytes.length)
      throw new Error(`a record cannot be ${length} bytes long here: the record batch is corrupt`)
    cursor.at += 1
    const timestampDelta = readVarint(cursor)
    const offset = baseOffset + BigInt(readVarint(cursor))
    if (offset >= from) {
      const timestamp = (attributes & LOG_APPEND_TIME) === 0 ? baseTimestamp + timestampDelta : maxTimestamp
      into.push(new FetchedRecord(topic, partition, offset, asTime(timestamp), cursor.bytes, cursor.at, shared))
    }
    cursor.at = end
  }
}

/** A producer may write any 64 bits as the time: what is no time counts as none, so that it fits wherever times are kept. */
function asTime(timestamp: number): number {
  return Math.abs(timestamp) <= LATEST_TIME ? timestamp : NO_TIME
}

function decompress(codec: number, bytes: Buffer): Buffer {
  if (codec === 0) return bytes
  if (codec === 1) return gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED_BYTES })
  if (codec === 4 && 'zstdDecompressSync' in zlib) {
    const unpack = zlib.zstdDecompressSync as (input: Buffer, options: object) => Buffer
    return unpack(bytes, { maxOutputLength: LARGEST_UNPACKED_BYTES })
  }
  const name = ['none', 'gzip', 'snappy', 'lz4', 'zstd'][codec] ?? `number ${codec}`
  throw new Error(
    `records compressed with ${name} cannot be read: let their producer use gzip, or zstd with Node 22.15`,
  )
}

interface Cursor {
  readonly bytes: Buffer
  at: number
}

/** A zigzag varint of up to 64 bits, exact up to 2^53. */
function readVarint(cursor: Cursor): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) throw new Error('a record ends in the middle of a number: the record batch is corrupt')
    cursor.at += 1
    value += (byte & 0x7f) * scale
    if (byte < 0x80) break
    scale *= 128
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

function readBytes(cursor: Cursor): Buffer | null {
  const length = readVarint(cursor)
  if (length < 0) return null
  const start = cursor.at
  cursor.at += length
  return cursor.bytes.subarray(start, cursor.at)
}

/**
 * Headers are looked at several times while their record is in hand, and not again: those of one record are kept for a whole
 * batch, so that the others' are young garbage.
 */
interface SharedHeaders {
  readonly names: HeaderNames
  lastRecord: LogRecord | null
  lastHeaders: Readonly<Record<string, Buffer | undefined>>
}

/**
 * A record that is read ahead may wait long for its turn, together with thousands of others: until it is looked at it is its
 * place in the batch, which costs the garbage collector little.
 */
class FetchedRecord implements LogRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
  readonly #bytes: Buffer
  readonly #at: number
  readonly #batch: SharedHeaders
  #key: Buffer | null | undefined
  #value: Buffer | null | undefined

  // oxlint-disable-next-line max-params -- one per record on the hot path: an options object would be made for each.
  constructor(
    topic: string,
    partition: number,
    offset: bigint,
    timestamp: number,
    bytes: Buffer,
    at: number,
    batch: SharedHeaders,
  ) {
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.timestamp = timestamp
    this.#bytes = bytes
    this.#at = at
    this.#batch = batch
  }

  get key(): Buffer | null {
    if (this.#key === undefined) this.#key = readBytes({ bytes: this.#bytes, at: this.#at })
    return this.#key
  }

  get value(): Buffer | null {
    if (this.#value === undefined) this.#value = readBytes(this.#behind(1))
    return this.#value
  }

  get headers(): Readonly<Record<string, Buffer | undefined>> {
    if (this.#batch.lastRecord !== this) {
      this.#batch.lastHeaders = decodeHeaders(this.#behind(2), this.#batch.names)
      this.#batch.lastRecord = this
    }
    return this.#batch.lastHeaders
  }

  /** Behind the key, or behind key and value. */
  #behind(parts: number): Cursor {
    const cursor = { bytes: this.#bytes, at: this.#at }
    for (let part = 0; part < parts; part += 1) {
      const length = readVarint(cursor)
      if (length > 0) cursor.at += length
    }
    return cursor
  }
}

function decodeHeaders(cursor: Cursor, names: HeaderNames): Record<string, Buffer | undefined> {
  // Without a prototype: a header may be called `__proto__`.
  const headers = Object.create(null) as Record<string, Buffer | undefined>
  const count = readVarint(cursor)
  for (let index = 0; index < count; index += 1) {
    const name = names.read(cursor, index)
    const value = readBytes(cursor)
    if (value !== null && headers[name] === undefined) headers[name] = value
  }
  return headers
}

/** Names of headers, which are mostly those of the record before: the text is made once for a batch. */
class HeaderNames {
  readonly #known: { readonly bytes: Buffer; readonly text: string }[] = []

  /** @param place the header's number in its record */
  read(cursor: Cursor, place: number): string {
    const length = Math.max(0, readVarint(cursor))
    const { bytes, at } = cursor
    cursor.at += length
    const known = this.#known[place]
    if (known !== undefined && isSame(known.bytes, bytes, at, length)) return known.text
    const name = bytes.subarray(at, at + length)
    const text = name.toString()
    this.#known[place] = { bytes: name, text }
    return text
  }
}

function isSame(known: Buffer, bytes: Buffer, at: number, length: number): boolean {
  if (known.length !== length) return false
  for (let index = 0; index < length; index += 1) if (known[index] !== bytes[at + index]) return false
  return true
}
