// A folder in memory, for tests and for brokers without a data directory. It keeps its content while the object lives,
// so that a test can restart a broker on it, and `fail` makes appends fail as a full disk would.

import type { Folder, StoredFile } from './folder.ts'

export class MemoryFolder implements Folder {
  readonly path: string
  readonly #files = new Map<string, MemoryFile>()
  readonly #folders = new Map<string, MemoryFolder>()

  constructor(path = 'memory') {
    this.path = path
  }

  async names(): Promise<string[]> {
    return [...this.#files.keys()]
  }

  async folderNames(): Promise<string[]> {
    return [...this.#folders.keys()]
  }

  async folder(name: string): Promise<MemoryFolder> {
    const known = this.#folders.get(name) ?? new MemoryFolder(`${this.path}/${name}`)
    this.#folders.set(name, known)
    return known
  }

  async open(name: string): Promise<MemoryFile> {
    const known = this.#files.get(name) ?? new MemoryFile()
    this.#files.set(name, known)
    return known
  }

  async read(name: string): Promise<Buffer | null> {
    const file = this.#files.get(name)
    return file ? file.read(0, file.size) : null
  }

  async replace(name: string, content: Buffer): Promise<void> {
    const file = new MemoryFile()
    await file.append([content])
    this.#files.set(name, file)
  }

  async removeFile(name: string): Promise<void> {
    this.#files.delete(name)
  }

  async removeFolder(name: string): Promise<void> {
    this.#folders.delete(name)
  }
}

class MemoryFile implements StoredFile {
  /** Set by a test: the next append is refused with this error. */
  fail: Error | null = null
  #chunks: Buffer[] = []
  #starts: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  async append(buffers: readonly Buffer[]): Promise<void> {
    if (this.fail) throw this.fail
    for (const buffer of buffers) {
      if (buffer.length === 0) continue
      // A small view would keep the whole network chunk that it was cut from alive.
      const own = buffer.length * 2 < buffer.buffer.byteLength ? Buffer.from(buffer) : buffer
      this.#chunks.push(own)
      this.#starts.push(this.#size)
      this.#size += own.length
    }
  }

  async read(position: number, length: number): Promise<Buffer> {
    const end = Math.min(position + length, this.#size)
    if (position >= end) return Buffer.alloc(0)
    const parts: Buffer[] = []
    for (let i = this.#chunkAt(position); i < this.#chunks.length && this.#starts[i]! < end; i++) {
      const start = this.#starts[i]!
      parts.push(this.#chunks[i]!.subarray(Math.max(position - start, 0), end - start))
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  async truncate(size: number): Promise<void> {
    const kept = await this.read(0, size)
    this.#chunks = kept.length > 0 ? [kept] : []
    this.#starts = kept.length > 0 ? [0] : []
    this.#size = kept.length
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {}

  /** The chunk that holds a position, by bisection. */
  #chunkAt(position: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#starts[middle]! <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}
