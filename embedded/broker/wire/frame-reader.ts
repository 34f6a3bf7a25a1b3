// Cuts the byte stream of one connection into request frames. A frame that lies inside one chunk is handed out as a view;
// one that spans chunks is joined once, when its last byte has come: a peer that only announces a large frame costs
// nothing. Throws on a size that no request has (a port scan, a TLS hello, plain HTTP): the caller closes the connection.

const SMALLEST_FRAME_BYTES = 8

export class FrameReader {
  readonly #maxBytes: number
  #chunks: Buffer[] = []
  #buffered = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The frames, without their length field, that this chunk completes. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    const frames: Buffer[] = []
    while (this.#buffered >= 4) {
      const size = this.#size()
      if (this.#buffered < 4 + size) break
      const joined = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#buffered)
      frames.push(joined.subarray(4, 4 + size))
      const rest = joined.subarray(4 + size)
      this.#chunks = rest.length > 0 ? [rest] : []
      this.#buffered = rest.length
    }
    return frames
  }

  #size(): number {
    const head = this.#chunks[0]!
    // Only the first four bytes may lie in several chunks; joining them is rare and cheap.
    if (head.length < 4) this.#chunks = [Buffer.concat(this.#chunks, this.#buffered)]
    const size = this.#chunks[0]!.readInt32BE(0)
    if (size < SMALLEST_FRAME_BYTES || size > this.#maxBytes) {
      throw new RangeError(`A frame of ${size} bytes is outside of ${SMALLEST_FRAME_BYTES} to ${this.#maxBytes}.`)
    }
    return size
  }
}
