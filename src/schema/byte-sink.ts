// Writes Avro's primitives into a slab that grows and is used again for every event. It trusts its caller: values are checked by
// the compiled writer. `take` copies out what was written since `start`, so that the slab's next event does not overwrite it.

export class ByteSink {
  #slab = Buffer.allocUnsafeSlow(16_384)
  #position = 0

  /** Begins a message, leaving room for a head of some bytes. */
  start(headBytes: number): void {
    this.#position = headBytes
  }

  /** The message, in memory of its own. `head` writes the bytes that `start` left room for. */
  take(head: (slab: Buffer) => void): Buffer {
    head(this.#slab)
    const bytes = Buffer.allocUnsafe(this.#position)
    this.#slab.copy(bytes, 0, 0, this.#position)
    return bytes
  }

  byte(value: number): void {
    this.#room(1)
    this.#slab[this.#position++] = value
  }

  /** An int, or a long that is exact as a number. */
  long(value: number): void {
    this.#room(10)
    if (value >= -0x4000_0000 && value < 0x4000_0000) {
      let bits = (value << 1) ^ (value >> 31)
      while (bits > 0x7f) {
        this.#slab[this.#position++] = (bits & 0x7f) | 0x80
        bits >>>= 7
      }
      this.#slab[this.#position++] = bits
    } else if (value >= -0x8_0000_0000_0000 && value < 0x8_0000_0000_0000) {
      let bits = value >= 0 ? value * 2 : -value * 2 - 1
      while (bits > 0x7f) {
        this.#slab[this.#position++] = (bits % 0x80) | 0x80
        bits = Math.floor(bits / 0x80)
      }
      this.#slab[this.#position++] = bits
    } else {
      this.bigLong(BigInt(value))
    }
  }

  bigLong(value: bigint): void {
    if (value >= -0x4000_0000n && value < 0x4000_0000n) {
      this.long(Number(value))
      return
    }
    this.#room(10)
    let bits = value >= 0n ? value << 1n : (-value << 1n) - 1n
    while (bits > 0x7fn) {
      this.#slab[this.#position++] = Number(bits & 0x7fn) | 0x80
      bits >>= 7n
    }
    this.#slab[this.#position++] = Number(bits)
  }

  float(value: number): void {
    this.#room(4)
    this.#position = this.#slab.writeFloatLE(value, this.#position)
  }

  double(value: number): void {
    this.#room(8)
    this.#position = this.#slab.writeDoubleLE(value, this.#position)
  }

  fixed(value: Uint8Array): void {
    this.#room(value.length)
    this.#slab.set(value, this.#position)
    this.#position += value.length
  }

  bytes(value: Uint8Array): void {
    this.long(value.length)
    this.fixed(value)
  }

  string(value: string): void {
    // The length goes first and takes one byte for texts up to 63 bytes: such a text is written behind it and then measured.
    if (value.length < 22) {
      this.#room(64)
      const length = this.#slab.write(value, this.#position + 1)
      this.#slab[this.#position] = length << 1
      this.#position += 1 + length
      return
    }
    const length = Buffer.byteLength(value)
    this.long(length)
    this.#room(length)
    this.#position += this.#slab.write(value, this.#position)
  }

  #room(bytes: number): void {
    if (this.#position + bytes <= this.#slab.length) return
    const slab = Buffer.allocUnsafeSlow(Math.max(this.#slab.length * 2, this.#position + bytes))
    this.#slab.copy(slab, 0, 0, this.#position)
    this.#slab = slab
  }
}
