// Writes one reply (or any structure of the protocol). Small fields go into a growing buffer; record batches are linked
// in as they are, so that a fetch never copies them. The mirror image of Reader: `flexible` decides on the lengths.

const LINKED_FROM_BYTES = 4096

export class Writer {
  readonly flexible: boolean
  readonly #chunks: Buffer[] = []
  #chunkBytes = 0
  #buffer: Buffer
  #at = 0
  #start = 0

  constructor(flexible = false, initialBytes = 256) {
    this.flexible = flexible
    this.#buffer = Buffer.allocUnsafe(initialBytes)
  }

  get length(): number {
    return this.#chunkBytes + this.#at - this.#start
  }

  i8(value: number): this {
    const at = this.#reserve(1)
    this.#buffer.writeInt8(value, at)
    return this
  }

  i16(value: number): this {
    const at = this.#reserve(2)
    this.#buffer.writeInt16BE(value, at)
    return this
  }

  i32(value: number): this {
    const at = this.#reserve(4)
    this.#buffer.writeInt32BE(value, at)
    return this
  }

  i64(value: number): this {
    const at = this.#reserve(8)
    this.#buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at)
    this.#buffer.writeUInt32BE(value >>> 0, at + 4)
    return this
  }

  bool(value: boolean): this {
    return this.i8(value ? 1 : 0)
  }

  /** 32 hexadecimal digits, dashes allowed. */
  uuid(value: string): this {
    const at = this.#reserve(16)
    this.#buffer.write(value.replaceAll('-', ''), at, 'hex')
    return this
  }

  uvarint(value: number): this {
    let rest = value
    while (rest > 0x7f) {
      const at = this.#reserve(1)
      this.#buffer.writeUInt8((rest & 0x7f) | 0x80, at)
      rest = Math.floor(rest / 128)
    }
    const at = this.#reserve(1)
    this.#buffer.writeUInt8(rest, at)
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.flexible ? this.uvarint(0) : this.i16(-1)
    const length = Buffer.byteLength(value)
    if (this.flexible) this.uvarint(length + 1)
    else this.i16(length)
    const at = this.#reserve(length)
    this.#buffer.write(value, at)
    return this
  }

  bytes(value: Buffer | null): this {
    if (value === null) return this.flexible ? this.uvarint(0) : this.i32(-1)
    if (this.flexible) this.uvarint(value.length + 1)
    else this.i32(value.length)
    return this.raw(value)
  }

  /** Adds bytes without a length. A large buffer is linked, not copied: do not change it afterwards. */
  raw(value: Buffer): this {
    if (value.length < LINKED_FROM_BYTES) {
      const at = this.#reserve(value.length)
      value.copy(this.#buffer, at)
      return this
    }
    this.#closeChunk()
    this.#chunks.push(value)
    this.#chunkBytes += value.length
    return this
  }

  array<T>(items: readonly T[] | null, item: (value: T) => void): this {
    if (items === null) return this.flexible ? this.uvarint(0) : this.i32(-1)
    if (this.flexible) this.uvarint(items.length + 1)
    else this.i32(items.length)
    for (const value of items) item(value)
    return this
  }

  /** Ends a structure of a flexible version: no tagged fields. */
  tags(): this {
    return this.flexible ? this.uvarint(0) : this
  }

  /** Everything written so far, as the chunks that a socket or a file can take in one vectored write. */
  chunks(): Buffer[] {
    this.#closeChunk()
    return this.#chunks
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.chunks())
  }

  #closeChunk(): void {
    if (this.#at === this.#start) return
    const chunk = this.#buffer.subarray(this.#start, this.#at)
    this.#chunks.push(chunk)
    this.#chunkBytes += chunk.length
    this.#start = this.#at
  }

  #reserve(length: number): number {
    if (this.#at + length > this.#buffer.length) this.#grow(length)
    const at = this.#at
    this.#at = at + length
    return at
  }

  #grow(length: number): void {
    // Only the part that is not yet closed into a chunk has to move.
    const open = this.#at - this.#start
    const grown = Buffer.allocUnsafe(Math.max((open + length) * 2, 1024))
    this.#buffer.copy(grown, 0, this.#start, this.#at)
    this.#buffer = grown
    this.#start = 0
    this.#at = open
  }
}
