// Cuts records into pieces that fit one record batch per partition, and merges waiting pieces into one produce request. kafkajs
// puts all records of a partition and request into one record batch, which brokers limit in bytes, and groups them in O(n²).
import type { NewRecord } from './record.ts'

/** What one request may hold of one partition. */
export interface RequestLimits {
  readonly records: number
  readonly bytes: number
}

/** Cuts records, in order, so that no piece holds more of a partition than the limits allow. */
export function cutRecords(records: readonly NewRecord[], limits: RequestLimits): NewRecord[][] {
  const pieces: NewRecord[][] = []
  let piece: NewRecord[] = []
  let load = new RequestLoad(limits)
  for (const record of records) {
    if (!load.fits([record])) {
      pieces.push(piece)
      piece = []
      load = new RequestLoad(limits)
    }
    load.add([record])
    piece.push(record)
  }
  if (piece.length > 0) pieces.push(piece)
  return pieces
}

/** How full a request is, per partition. */
export class RequestLoad {
  readonly #limits: RequestLimits
  readonly #partitions = new Map<string, { records: number; bytes: number }>()

  constructor(limits: RequestLimits) {
    this.#limits = limits
  }

  /** Whether the records may join. An empty request takes any piece. */
  fits(records: readonly NewRecord[]): boolean {
    const added = new Map<string, { records: number; bytes: number }>()
    for (const record of records) {
      const partition = `${record.partition} ${record.topic}`
      const present = this.#partitions.get(partition) ?? { records: 0, bytes: 0 }
      const sum = added.get(partition) ?? { ...present }
      sum.records += 1
      sum.bytes += sizeOf(record)
      added.set(partition, sum)
      if (present.records === 0 && sum.records === 1) continue
      if (sum.records > this.#limits.records || sum.bytes > this.#limits.bytes) return false
    }
    return true
  }

  add(records: readonly NewRecord[]): void {
    for (const record of records) {
      const partition = `${record.partition} ${record.topic}`
      const load = this.#partitions.get(partition) ?? { records: 0, bytes: 0 }
      load.records += 1
      load.bytes += sizeOf(record)
      this.#partitions.set(partition, load)
    }
  }
}

/** The most bytes a record takes in a record batch, uncompressed. */
export function sizeOf({ key, value, headers }: NewRecord): number {
  let size = 40 + (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, text] of Object.entries(headers)) size += 10 + (name.length + text.length) * 3
  return size
}
