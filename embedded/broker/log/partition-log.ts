// The log of one partition: an ordered list of segments, of which the last is written. append() checks and places a batch
// at once, in the order of the calls, and resolves when the batch is written (and, with fsync 'always', on the disk);
// batches that queue up meanwhile leave in one vectored write. Readers see a batch when its write is done, so the high
// watermark is the end of what is written. After a failed write everything that was queued is refused and the log is read
// back from its files, so that memory and disk never disagree.

import type { Clock } from '../clock.ts'
import type { Folder } from '../storage/folder.ts'
import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { TimedOffset } from './find-record-by-time.ts'
import { ProducerStates } from './producer-states.ts'
import { checkRecords } from './check-records.ts'
import { readProducedBatch, stampAppendTime, stampBatch, type BatchHeader } from './record-batch.ts'
import { recoverSegment } from './recover-segment.ts'
import { Segment } from './segment.ts'

const LOG_START_FILE = 'log-start'
/** A crash costs at most the reading of this much a partition at the next start. */
const CHECKPOINT_EVERY_BYTES = 8 * 1024 * 1024
const FORGET_PRODUCERS_AFTER_MS = 24 * 60 * 60 * 1000

/** What the topic's configuration says about an append; asked anew for each, because it may change. */
export type LogSettings = {
  readonly maxMessageBytes: number
  readonly segmentBytes: number
  readonly logAppendTime: boolean
}

export type PartitionLogOptions = {
  readonly clock: Clock
  readonly syncEach: boolean
  readonly settings: () => LogSettings
  /** Told of what an operator should know: a torn tail, a failed write. */
  readonly notice: (line: string) => void
}

export type Appended = {
  readonly baseOffset: number
  /** Set for log append time, else -1. */
  readonly appendTime: number
}

type Queued = {
  readonly batch: Buffer
  readonly header: BatchHeader
  readonly baseOffset: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class PartitionLog {
  readonly #folder: Folder
  readonly #options: PartitionLogOptions
  #segments: Segment[] = []
  /** Judges appends: knows every batch that has its place. */
  readonly #producers = new ProducerStates()
  /** Goes into checkpoints: knows only what is written, or a crash would make a lost batch look like a repeat. */
  readonly #writtenProducers = new ProducerStates()
  readonly #listeners = new Set<(bytes: number) => void>()
  #queue: Queued[] = []
  #work: Promise<void> = Promise.resolve()
  #nextOffset = 0
  #highWatermark = 0
  #logStartOffset = 0
  #dirty = false
  #broken = false
  #failures = 0
  #closed = false

  private constructor(folder: Folder, options: PartitionLogOptions) {
    this.#folder = folder
    this.#options = options
  }

  static async open(folder: Folder, options: PartitionLogOptions): Promise<PartitionLog> {
    const log = new PartitionLog(folder, options)
    await log.#recover()
    return log
  }

  /** The offset behind the last readable record. */
  get highWatermark(): number {
    return this.#highWatermark
  }

  /** The offset of the first record that has not been deleted. */
  get logStartOffset(): number {
    return this.#logStartOffset
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Bytes of all segments. */
  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.file.size, 0)
  }

  /** Places one produced batch at the end of the log. Rejects with a ProtocolError when it is refused. */
  async append(records: Buffer): Promise<Appended> {
    const settings = this.#options.settings()
    if (records.length > settings.maxMessageBytes) {
      throw new ProtocolError(
        errorCode.messageTooLarge,
        `The batch has ${records.length} bytes, max.message.bytes of the topic is ${settings.maxMessageBytes}.`,
      )
    }
    const header = readProducedBatch(records)
    checkRecords(records, header)
    if (this.#broken || this.#closed) throw storageError('The partition is being read back after a failed write.')
    const now = this.#options.clock.now()
    if (header.producerId >= 0) {
      const original = this.#producers.check(header, this.#logStartOffset === 0)
      if (original) {
        // The original may still be on its way to the file: the answer to its repeat must not be earlier.
        const failures = this.#failures
        await this.#settled()
        if (failures !== this.#failures) throw storageError('The write of the original failed.')
        return { baseOffset: original.baseOffset, appendTime: settings.logAppendTime ? original.timestamp : -1 }
      }
    }
    const baseOffset = this.#nextOffset
    if (settings.logAppendTime) stampAppendTime(records, now)
    stampBatch(records, baseOffset, 0)
    const placed = settings.logAppendTime ? { ...header, maxTimestamp: now } : header
    if (header.producerId >= 0) this.#producers.apply(placed, baseOffset, now)
    this.#nextOffset = baseOffset + header.lastOffsetDelta + 1
    await new Promise<void>((resolve, reject) => {
      this.#queue.push({ batch: records, header: placed, baseOffset, resolve, reject })
      if (this.#queue.length === 1) void this.#enqueue(() => this.#writeQueued())
    })
    return { baseOffset, appendTime: settings.logAppendTime ? now : -1 }
  }

  /** Whole batches from the one that holds `offset`; empty at the end. Throws OFFSET_OUT_OF_RANGE outside of the log. */
  async read(offset: number, maxBytes: number): Promise<Buffer> {
    if (this.#closed) throw new ProtocolError(errorCode.unknownTopicOrPartition, 'The partition is deleted.')
    if (offset < this.#logStartOffset || offset > this.#highWatermark) {
      throw new ProtocolError(errorCode.offsetOutOfRange, `Offset ${offset} is outside of the log.`)
    }
    if (offset === this.#highWatermark) return Buffer.alloc(0)
    for (let i = this.#segmentOf(offset); i < this.#segments.length; i++) {
      const segment = this.#segments[i]!
      const batches = await segment.read(offset, maxBytes, segment.file.size)
      if (batches.length > 0) return batches
    }
    return Buffer.alloc(0)
  }

  /** The first record at or after a time; null when there is none. */
  async findByTime(time: number): Promise<TimedOffset | null> {
    for (const segment of this.#segments) {
      const found = await segment.findByTime(time, this.#logStartOffset)
      if (found) return found
    }
    return null
  }

  /** The first record with the highest timestamp of the log; null when the log is empty. */
  async findHighestTime(): Promise<TimedOffset | null> {
    let highest: Segment | null = null
    for (const segment of this.#segments) {
      if (segment.index.maxTimestamp > (highest?.index.maxTimestamp ?? -1)) highest = segment
    }
    return highest && highest.findHighestTime()
  }

  /** Calls back with the bytes of each append until the returned function is called; also once when the log closes. */
  onAppend(listener: (bytes: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Moves the log start offset up and removes the segments that lie wholly before it. Returns the new start. */
  async deleteRecordsBefore(offset: number): Promise<number> {
    if (offset < 0 || offset > this.#highWatermark) {
      throw new ProtocolError(errorCode.offsetOutOfRange, `Offset ${offset} is outside of the log.`)
    }
    await this.#enqueue(async () => {
      if (offset <= this.#logStartOffset) return
      await this.#folder.replace(LOG_START_FILE, Buffer.from(String(offset)))
      this.#logStartOffset = offset
      while (this.#segments.length > 1 && this.#segments[1]!.baseOffset <= offset) {
        await this.#segments.shift()!.remove()
      }
    })
    return this.#logStartOffset
  }

  /** Forces what was written to the disk, and writes a checkpoint when enough came since the last one. */
  flush(): Promise<void> {
    return this.#enqueue(async () => {
      if (!this.#dirty || this.#closed) return
      await this.#active.file.sync()
      this.#dirty = false
      if (this.#active.uncheckpointedBytes >= CHECKPOINT_EVERY_BYTES) await this.#checkpoint()
    })
  }

  /** Writes what is queued, then the checkpoint that makes the next start quick. */
  async close(): Promise<void> {
    await this.#enqueue(async () => {
      if (this.#closed) return
      this.#closed = true
      try {
        if (!this.#broken) await this.#checkpoint()
      } catch (error) {
        // What was acknowledged is written; without the checkpoint the next start only reads more.
        this.#options.notice(`${this.#folder.path}: closed without a checkpoint: ${String(error)}`)
      }
      await this.#closeFiles()
    })
    this.#notify(0)
  }

  /** Closes without a checkpoint, because the files are about to be removed. */
  async abandon(): Promise<void> {
    this.#closed = true
    await this.#enqueue(() => this.#closeFiles())
    this.#notify(0)
  }

  get #active(): Segment {
    return this.#segments.at(-1)!
  }

  async #recover(): Promise<void> {
    const { clock, notice } = this.#options
    this.#logStartOffset = Number((await this.#folder.read(LOG_START_FILE))?.toString() ?? 0)
    this.#writtenProducers.restore(Buffer.from('{}'))
    const baseOffsets = await Segment.list(this.#folder)
    if (baseOffsets.length === 0) baseOffsets.push(this.#logStartOffset)
    this.#segments = []
    for (const [i, baseOffset] of baseOffsets.entries()) {
      const segment = await Segment.open(this.#folder, baseOffset)
      this.#segments.push(segment)
      const isLast = i === baseOffsets.length - 1
      const recovered = await recoverSegment(segment, this.#writtenProducers, isLast, clock.now())
      this.#nextOffset = recovered.nextOffset
      if (recovered.truncatedBytes > 0) {
        notice(
          `${this.#folder.path}: cut a torn tail of ${recovered.truncatedBytes} bytes behind offset ${this.#nextOffset}`,
        )
      }
    }
    if (this.#nextOffset < this.#logStartOffset) {
      // A power cut took records that had been deleted anyway: their offsets are not given out again.
      this.#segments.push(await Segment.open(this.#folder, this.#logStartOffset))
      this.#nextOffset = this.#logStartOffset
    }
    this.#producers.restore(this.#writtenProducers.toBuffer())
    this.#highWatermark = this.#nextOffset
    this.#broken = false
  }

  async #writeQueued(): Promise<void> {
    let group: Queued[] = []
    try {
      while (this.#queue.length > 0) {
        if (this.#closed) throw storageError('The log is closed.')
        group = this.#queue
        this.#queue = []
        const next = this.#fitting(group)
        if (next === 0) {
          await this.#roll(group[0]!.baseOffset)
          this.#queue = [...group, ...this.#queue]
          continue
        }
        if (next < group.length) this.#queue = [...group.splice(next), ...this.#queue]
        await this.#write(group)
      }
    } catch (error) {
      await this.#refuse([...group, ...this.#queue], error)
    }
  }

  /** How many of the queued batches go into the active segment; a segment takes at least one. */
  #fitting(group: readonly Queued[]): number {
    const limit = this.#options.settings().segmentBytes
    let size = this.#active.file.size
    let count = 0
    for (const { batch } of group) {
      if (size > 0 && size + batch.length > limit) break
      size += batch.length
      count++
    }
    return count
  }

  async #write(group: readonly Queued[]): Promise<void> {
    const segment = this.#active
    let position = segment.file.size
    const start = position
    try {
      await segment.file.append(group.map((queued) => queued.batch))
      if (this.#options.syncEach) await segment.file.sync()
    } catch (error) {
      // The group is about to be refused: its bytes must not be found again by recovery.
      await segment.file.truncate(start)
      throw error
    }
    this.#dirty = !this.#options.syncEach
    for (const { header, baseOffset } of group) {
      if (header.producerId >= 0) this.#writtenProducers.apply(header, baseOffset, this.#options.clock.now())
      const { sizeBytes, maxTimestamp } = header
      segment.index.add({ baseOffset, position, sizeBytes, maxTimestamp })
      position += sizeBytes
    }
    const last = group.at(-1)!
    this.#highWatermark = last.baseOffset + last.header.lastOffsetDelta + 1
    for (const queued of group) queued.resolve()
    this.#notify(position - start)
  }

  async #roll(baseOffset: number): Promise<void> {
    const expired = this.#options.clock.now() - FORGET_PRODUCERS_AFTER_MS
    this.#producers.forgetBefore(expired)
    this.#writtenProducers.forgetBefore(expired)
    await this.#checkpoint()
    this.#segments.push(await Segment.open(this.#folder, baseOffset))
  }

  async #checkpoint(): Promise<void> {
    await this.#active.writeCheckpoint(this.#highWatermark, this.#writtenProducers.toBuffer())
  }

  /** Nothing of the group is acknowledged, so nothing of it may stay in the log or in the producers' windows. */
  async #refuse(group: readonly Queued[], error: unknown): Promise<void> {
    this.#queue = []
    this.#broken = true
    this.#failures++
    const text = error instanceof Error ? error.message : String(error)
    this.#options.notice(`${this.#folder.path}: a write failed and was refused: ${text}`)
    try {
      if (!this.#closed) {
        await this.#closeFiles()
        await this.#recover()
      }
    } catch (cause) {
      this.#options.notice(`${this.#folder.path}: could not be read back, it refuses writes: ${String(cause)}`)
    }
    for (const queued of group) queued.reject(storageError(text))
  }

  async #closeFiles(): Promise<void> {
    for (const segment of this.#segments) await segment.file.close()
  }

  #segmentOf(offset: number): number {
    let i = this.#segments.length - 1
    while (i > 0 && this.#segments[i]!.baseOffset > offset) i--
    return i
  }

  #notify(bytes: number): void {
    for (const listener of this.#listeners) listener(bytes)
  }

  #settled(): Promise<void> {
    return this.#enqueue(async () => {})
  }

  /** One piece of work on the files at a time; a failed one does not stop those behind it. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }
}

function storageError(message: string): ProtocolError {
  return new ProtocolError(errorCode.kafkaStorageError, message)
}
