// Walks the batches of a file in order and checks each, reading ahead, so that small batches do not cost a read each.

import type { StoredFile } from '../storage/folder.ts'
import { batchExtentAt, isIntactBatch } from './record-batch.ts'

const READ_AHEAD_BYTES = 1024 * 1024

export class BatchScanner {
  readonly #file: StoredFile
  #buffer: Buffer = Buffer.alloc(0)
  #bufferPosition = 0

  constructor(file: StoredFile) {
    this.#file = file
  }

  /** The batch that begins at a position; null where no whole batch with a right checksum does. */
  async intactBatchAt(position: number): Promise<Buffer | null> {
    let at = await this.#seek(position, 0)
    const extent = batchExtentAt(this.#buffer, at) ?? batchExtentAt(this.#buffer, (at = await this.#seek(position, 1)))
    if (extent === null || extent.sizeBytes > this.#file.size - position) return null
    if (at + extent.sizeBytes > this.#buffer.length) at = await this.#seek(position, extent.sizeBytes)
    return isIntactBatch(this.#buffer, at) ? this.#buffer.subarray(at, at + extent.sizeBytes) : null
  }

  /** Where the position lies in the buffer. With `needBytes` the buffer is read anew to hold at least as many from there. */
  async #seek(position: number, needBytes: number): Promise<number> {
    const at = position - this.#bufferPosition
    if (needBytes === 0 && at >= 0 && at < this.#buffer.length) return at
    this.#buffer = await this.#file.read(position, Math.max(READ_AHEAD_BYTES, needBytes))
    this.#bufferPosition = position
    return 0
  }
}
