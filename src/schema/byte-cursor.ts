// Reads Avro's primitives from bytes that nobody vouches for. Every read is checked against what remains, and what a message may
// make of itself is bounded: items counted over the whole message, nesting of recursive records. It allocates only what the bytes
// pay for. Reuse one cursor for many messages: `start` sets it on the next.
import { isUtf8 } from 'node:buffer'
import { Unreadable } from './unreadable.ts'

/** Items of arrays and maps in one message. */
const maxItems = 1_000_000
/** Items that take no byte (nulls, empty records), for which the message's length is no bound. */
const maxEmptyItems = 10_000
/** Records inside records of a type that refers to itself. */
const maxDepth = 200

export class ByteCursor {
  #bytes: Buffer = Buffer.alloc(0)
  #end = 0
  #position = 0
  #items = 0
  #emptyItems = 0
  #depth = 0
  /** The 28 low, 28 middle and 8 high bits of the varint read last. */
  #low = 0
  #middle = 0
  #high = 0

  /** Sets the cursor on a message, at an offset. */
  start(bytes: Buffer, offset: number): void {
    this.#bytes = bytes
    this.#end = bytes.length
    this.#position = offset
    this.#items = 0
    this.#emptyItems = 0
    this.#depth = 0
  }

  /** Lets go of the message, and refuses bytes behind its end. */
  finish(): void {
    const left = this.#end - this.#position
    this.#bytes = Buffer.alloc(0)
    if (left > 0) throw new Unreadable(`${left} bytes are left over behind the record`)
  }

  boolean(): boolean {
    const byte = this.#byte()
    if (byte > 1) throw new Unreadable(`a boolean is 0 or 1, not ${byte}`)
    return byte === 1
  }

  int(): number {
    const first = this.#byte()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    this.#position -= 1
    this.#varint()
    if (this.#high !== 0 || this.#middle > 0xf) throw new Unreadable('an int is outside of 32 bits')
    const bits = (this.#middle * 0x1000_0000 + this.#low) >>> 0
    return (bits >>> 1) ^ -(bits & 1)
  }

  /** A long that must be exact as a number. */
  safeLong(): number {
    // Lengths and counts are small: most are one byte.
    const first = this.#byte()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    this.#position -= 1
    this.#varint()
    const half = (this.#low >>> 1) + this.#middle * 0x800_0000 + this.#high * 0x80_0000_0000_0000
    const value = (this.#low & 1) === 1 ? -half - 1 : half
    if (!Number.isSafeInteger(value)) throw new Unreadable('a long is too large for a number')
    return value
  }

  long(): bigint {
    this.#varint()
    const half =
      this.#high === 0 && this.#middle < 0x200_0000
        ? BigInt((this.#low >>> 1) + this.#middle * 0x800_0000)
        : (BigInt(this.#high) << 55n) + (BigInt(this.#middle) << 27n) + BigInt(this.#low >>> 1)
    return (this.#low & 1) === 1 ? -half - 1n : half
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  /** Bytes of a known length, as a copy: the message they came from is part of a large fetch that must not be kept alive. */
  fixed(length: number): Uint8Array {
    const at = this.#take(length)
    return new Uint8Array(this.#bytes.subarray(at, at + length))
  }

  bytes(): Uint8Array {
    return this.fixed(this.#length())
  }

  string(): string {
    const length = this.#length()
    const at = this.#take(length)
    const text = this.#bytes.toString('utf8', at, at + length)
    // Bad UTF-8 turns into U+FFFD; only a text that has one is worth a second look.
    if (text.includes('\uFFFD') && !isUtf8(this.#bytes.subarray(at, at + length))) {
      throw new Unreadable('a string is not UTF-8')
    }
    return text
  }

  /** The index of an enum's symbol or of a union's branch. */
  index(count: number): number {
    const index = this.int()
    if (index < 0 || index >= count) throw new Unreadable(`index ${index} is none of ${count}`)
    return index
  }

  /** The item count of the next block of an array or a map, 0 at its end, checked against the bytes that must follow. */
  blockCount(minItemBytes: number): number {
    let count = this.safeLong()
    if (count < 0) {
      count = -count
      const blockBytes = this.safeLong()
      if (blockBytes < 0 || blockBytes > this.#end - this.#position)
        throw new Unreadable('a block is longer than the message')
    }
    this.#items += count
    if (this.#items > maxItems) throw new Unreadable(`more than ${maxItems} items`)
    if (minItemBytes === 0) {
      this.countEmpty(count)
    } else if (count * minItemBytes > this.#end - this.#position) {
      throw new Unreadable(`a block of ${count} items is longer than the message`)
    }
    return count
  }

  /** Counts values that take no byte. */
  countEmpty(count: number): void {
    this.#emptyItems += count
    if (this.#emptyItems > maxEmptyItems) throw new Unreadable(`more than ${maxEmptyItems} items without a byte`)
  }

  /** Entered for each record of a type that refers to itself. */
  descend(): void {
    this.#depth += 1
    if (this.#depth > maxDepth) throw new Unreadable(`records are nested deeper than ${maxDepth}`)
  }

  ascend(): void {
    this.#depth -= 1
  }

  #byte(): number {
    if (this.#position >= this.#end) throw new Unreadable('the message ends in the middle of a value')
    return this.#bytes[this.#position++] as number
  }

  #take(length: number): number {
    const at = this.#position
    if (length > this.#end - at) throw new Unreadable('the message ends in the middle of a value')
    this.#position = at + length
    return at
  }

  #length(): number {
    const length = this.safeLong()
    if (length < 0) throw new Unreadable('a length is negative')
    return length
  }

  /** Seven bits a byte, lowest first, at most ten bytes of which the last holds one bit. */
  #varint(): void {
    let byte = this.#byte()
    let low = byte & 0x7f
    let middle = 0
    let high = 0
    if (byte >= 0x80) {
      low |= ((byte = this.#byte()) & 0x7f) << 7
      if (byte >= 0x80) low |= ((byte = this.#byte()) & 0x7f) << 14
      if (byte >= 0x80) low |= ((byte = this.#byte()) & 0x7f) << 21
      if (byte >= 0x80) middle = (byte = this.#byte()) & 0x7f
      if (byte >= 0x80) middle |= ((byte = this.#byte()) & 0x7f) << 7
      if (byte >= 0x80) middle |= ((byte = this.#byte()) & 0x7f) << 14
      if (byte >= 0x80) middle |= ((byte = this.#byte()) & 0x7f) << 21
      if (byte >= 0x80) high = (byte = this.#byte()) & 0x7f
      if (byte >= 0x80) {
        byte = this.#byte()
        if (byte > 1) throw new Unreadable('a varint is longer than 64 bits')
        high |= byte << 7
      }
    }
    this.#low = low
    this.#middle = middle
    this.#high = high
  }
}
