// Reads the fields of one request. With `flexible` the lengths are unsigned varints plus one and tagged fields follow
// each structure; without it lengths are fixed and tags() reads nothing, so that one handler serves every version.
// It never trusts a length: a field that reaches beyond the frame throws, and nothing is allocated for it before.

/** In all arrays of a request together: a frame of 100 MB could hold 50 million names, and a reply for each. */
const MOST_ITEMS = 200_000

export class Reader {
  readonly buffer: Buffer
  readonly flexible: boolean
  #at: number
  #items = 0

  constructor(buffer: Buffer, at = 0, flexible = false) {
    this.buffer = buffer
    this.flexible = flexible
    this.#at = at
  }

  get position(): number {
    return this.#at
  }

  get remaining(): number {
    return this.buffer.length - this.#at
  }

  i8(): number {
    return this.buffer.readInt8(this.#take(1))
  }

  i16(): number {
    return this.buffer.readInt16BE(this.#take(2))
  }

  i32(): number {
    return this.buffer.readInt32BE(this.#take(4))
  }

  /** A 64-bit integer as a number: offsets, timestamps and producer ids stay below 2^53. */
  i64(): number {
    const at = this.#take(8)
    return this.buffer.readInt32BE(at) * 0x1_0000_0000 + this.buffer.readUInt32BE(at + 4)
  }

  bool(): boolean {
    return this.i8() !== 0
  }

  uuid(): string {
    const at = this.#take(16)
    return this.buffer.toString('hex', at, at + 16)
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.#take(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('A varint is longer than 5 bytes.')
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  nullableString(): string | null {
    return this.#text(this.flexible ? this.uvarint() - 1 : this.i16())
  }

  /** The client id of the request header has a fixed length field in every version. */
  fixedNullableString(): string | null {
    return this.#text(this.i16())
  }

  /** A view into the frame, not a copy; null when the field is null. */
  nullableBytes(): Buffer | null {
    const length = this.flexible ? this.uvarint() - 1 : this.i32()
    if (length < 0) return null
    const at = this.#take(length)
    return this.buffer.subarray(at, at + length)
  }

  bytes(): Buffer {
    return this.nullableBytes() ?? Buffer.alloc(0)
  }

  array<T>(item: () => T): T[] {
    return this.nullableArray(item) ?? []
  }

  nullableArray<T>(item: () => T): T[] | null {
    const count = this.flexible ? this.uvarint() - 1 : this.i32()
    if (count < 0) return null
    // Every item takes at least one byte: a count beyond that is garbage and must not become an allocation.
    if (count > this.remaining) throw new RangeError(`An array of ${count} items does not fit into its frame.`)
    this.#items += count
    if (this.#items > MOST_ITEMS) throw new RangeError(`A request of more than ${MOST_ITEMS} items is not taken.`)
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(item())
    return items
  }

  /** Skips the tagged fields that end a structure of a flexible version. */
  tags(): void {
    if (!this.flexible) return
    const count = this.uvarint()
    for (let i = 0; i < count; i++) {
      this.uvarint()
      this.#take(this.uvarint())
    }
  }

  #text(length: number): string | null {
    if (length < 0) return null
    const at = this.#take(length)
    return this.buffer.toString('utf8', at, at + length)
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.buffer.length - at) throw new RangeError(`A field of ${length} bytes reaches beyond its frame.`)
    this.#at = at + length
    return at
  }
}
