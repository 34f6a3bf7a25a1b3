// An append-only file of framed entries, [length][crc32c][payload], for the small state that must survive a restart
// (committed offsets). Entries that are queued together leave in one write. Opening it truncates a torn tail; an entry
// counts when append() has resolved. `rewrite` puts a compacted content in its place.

import { crc32c } from '../wire/crc32c.ts'
import type { Folder, StoredFile } from './folder.ts'

const HEADER_BYTES = 8
const LARGEST_ENTRY_BYTES = 64 * 1024 * 1024

type Queued = { readonly frame: Buffer; readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class FrameLog {
  readonly #folder: Folder
  readonly #name: string
  readonly #syncEach: boolean
  #file: StoredFile
  #queue: Queued[] = []
  #work: Promise<void> = Promise.resolve()
  #dirty = false

  private constructor(folder: Folder, name: string, file: StoredFile, syncEach: boolean) {
    this.#folder = folder
    this.#name = name
    this.#file = file
    this.#syncEach = syncEach
  }

  /** Opens the log and hands every whole entry to `replay`, in order. */
  static async open(
    folder: Folder,
    name: string,
    syncEach: boolean,
    replay: (payload: Buffer) => void,
  ): Promise<FrameLog> {
    const content = (await folder.read(name)) ?? Buffer.alloc(0)
    let end = 0
    for (;;) {
      const payload = entryAt(content, end)
      if (payload === null) break
      replay(payload)
      end += HEADER_BYTES + payload.length
    }
    const file = await folder.open(name)
    if (file.size > end) await file.truncate(end)
    return new FrameLog(folder, name, file, syncEach)
  }

  get size(): number {
    return this.#file.size
  }

  append(payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ frame: frameOf(payload), resolve, reject })
      if (this.#queue.length === 1) void this.#enqueue(() => this.#writeQueued())
    })
  }

  /** Replaces the whole log; entries queued before it are part of the past, entries queued after it follow it. */
  rewrite(payloads: () => Iterable<Buffer>): Promise<void> {
    return this.#enqueue(async () => {
      await this.#folder.replace(this.#name, Buffer.concat(Array.from(payloads(), frameOf)))
      await this.#file.close()
      this.#file = await this.#folder.open(this.#name)
    })
  }

  /** Forces what was appended to the disk; does nothing when nothing was. */
  sync(): Promise<void> {
    return this.#enqueue(async () => {
      if (!this.#dirty) return
      await this.#file.sync()
      this.#dirty = false
    })
  }

  async close(): Promise<void> {
    await this.sync()
    await this.#enqueue(() => this.#file.close())
  }

  /** One piece of work at a time; a failed one does not stop those behind it. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }

  async #writeQueued(): Promise<void> {
    const group = this.#queue
    this.#queue = []
    try {
      await this.#file.append(group.map((entry) => entry.frame))
      this.#dirty = true
      if (this.#syncEach) await this.#file.sync()
      for (const entry of group) entry.resolve()
    } catch (error) {
      for (const entry of group) entry.reject(error)
    }
  }
}

function frameOf(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
  frame.writeUInt32BE(payload.length, 0)
  frame.writeUInt32BE(crc32c(payload), 4)
  payload.copy(frame, HEADER_BYTES)
  return frame
}

/** The payload of the entry at a position, null where no whole and intact entry begins. */
function entryAt(content: Buffer, at: number): Buffer | null {
  if (content.length - at < HEADER_BYTES) return null
  const length = content.readUInt32BE(at)
  const end = at + HEADER_BYTES + length
  // A run of zeros, as some file systems leave it after a power cut, would otherwise pass as empty entries.
  if (length === 0 || length > LARGEST_ENTRY_BYTES || end > content.length) return null
  const payload = content.subarray(at + HEADER_BYTES, end)
  return crc32c(payload) === content.readUInt32BE(at + 4) ? payload : null
}
