// One file that is only appended to and read, by position. The callback calls of node:fs under a thin promise cost less
// than a FileHandle, and this is the broker's hot path. The owner sees to it that appends do not overlap.

import * as fs from 'node:fs'
import { promisify } from 'node:util'
import type { StoredFile } from './folder.ts'

const openFile = promisify(fs.open)
const stat = promisify(fs.fstat)
const datasync = promisify(fs.fdatasync)
const truncateFile = promisify(fs.ftruncate)
const closeFile = promisify(fs.close)

/** Most systems refuse a vectored write of more buffers than this (IOV_MAX). */
const MOST_BUFFERS = 1024

/** Opens the file for append and read, made when it is missing. */
export async function openDiskFile(path: string): Promise<StoredFile> {
  const descriptor = await openFile(path, fs.constants.O_RDWR | fs.constants.O_CREAT)
  const { size } = await stat(descriptor)
  return new DiskFile(descriptor, size)
}

class DiskFile implements StoredFile {
  readonly #descriptor: number
  #size: number
  #reads = 0
  #closed = false
  #whenUnread: (() => void) | null = null

  constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  async append(buffers: readonly Buffer[]): Promise<void> {
    let position = this.#size
    for (let i = 0; i < buffers.length; i += MOST_BUFFERS) {
      const group = buffers.length <= MOST_BUFFERS ? buffers : buffers.slice(i, i + MOST_BUFFERS)
      position += await this.#write(group, position)
    }
    // The size moves only now: after a failed write the next one starts at the same place and covers the torn bytes.
    this.#size = position
  }

  async read(position: number, length: number): Promise<Buffer> {
    if (this.#closed) throw Object.assign(new Error('The file is closed.'), { code: 'EBADF', syscall: 'read' })
    this.#reads++
    try {
      return await this.#readWhole(position, length)
    } finally {
      this.#reads--
      if (this.#reads === 0) this.#whenUnread?.()
    }
  }

  async #readWhole(position: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.#size - position))
    const target = Buffer.allocUnsafe(wanted)
    let done = 0
    while (done < wanted) {
      const bytes = await this.#readInto(target, done, position + done)
      if (bytes === 0) break
      done += bytes
    }
    return done === wanted ? target : target.subarray(0, done)
  }

  async truncate(size: number): Promise<void> {
    await truncateFile(this.#descriptor, size)
    this.#size = size
  }

  sync(): Promise<void> {
    return datasync(this.#descriptor)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // The system gives the descriptor's number to the next file: a read under way would read that one.
    if (this.#reads > 0) await new Promise<void>((resolve) => (this.#whenUnread = resolve))
    await closeFile(this.#descriptor)
  }

  async #write(buffers: readonly Buffer[], position: number): Promise<number> {
    const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
    let written = await this.#writeOnce(buffers, position)
    if (written === total) return total
    // A short write is rare (a nearly full disk, a signal): the rest goes out as one buffer.
    const whole = Buffer.concat(buffers)
    while (written < total) {
      const bytes = await this.#writeOnce([whole.subarray(written)], position + written)
      if (bytes === 0) throw new Error('The file system took no bytes of a write.')
      written += bytes
    }
    return total
  }

  #writeOnce(buffers: readonly Buffer[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(this.#descriptor, buffers, position, (error, bytes) => {
        if (error) reject(error)
        else resolve(bytes)
      })
    })
  }

  #readInto(target: Buffer, offset: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, target, offset, target.length - offset, position, (error, bytes) => {
        if (error) reject(error)
        else resolve(bytes)
      })
    })
  }
}
