// The Fetch request, version 11, encoded and decoded here, over kafkajs's connections. Unlike kafkajs's own it tells errors
// per partition instead of failing them all for one, and tells how far the log was read even where nothing was visible.
import type { Broker, ProtocolRequest } from './cluster.ts'
import { decodeRecordBatches, type AbortedTransaction } from './decode-record-batches.ts'
import type { LogRecord } from './record.ts'

const API_KEY = 1
const API_VERSION = 11
const READ_COMMITTED = 1

/** Where to read a partition, and how much of it at once. */
export interface FetchTarget {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly maxBytes: number
}

/** What was found in one partition. */
export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  /** The offset that was asked for. */
  readonly offset: bigint
  /** Kafka's error code; 0 is success. */
  readonly errorCode: number
  readonly highWatermark: bigint
  readonly records: readonly LogRecord[]
  /** Where to read on: after the last whole batch, visible or not. Equal to `offset` when there was nothing. */
  readonly nextOffset: bigint
  /** Why the records could not be decoded, though they arrived. */
  readonly failure?: Error
}

/** Reads from one broker. Waits up to `maxWaitMs` until a byte is there. Rejects when the broker does not answer. */
export async function fetchRecords(
  broker: Broker,
  targets: readonly FetchTarget[],
  limits: { readonly maxWaitMs: number; readonly maxBytes: number; readonly requestTimeoutMs: number },
): Promise<readonly FetchedPartition[]> {
  const request: ProtocolRequest<{ partitions: readonly FetchedPartition[] }> = {
    request: {
      apiKey: API_KEY,
      apiVersion: API_VERSION,
      apiName: 'Fetch',
      encode: () => {
        const buffer = encodeFetch(targets, limits.maxWaitMs, limits.maxBytes)
        return Promise.resolve({ buf: buffer, buffer })
      },
    },
    response: {
      decode: (payload) => Promise.resolve(decodeFetch(payload, targets)),
      parse: (answer) => Promise.resolve(answer),
    },
    requestTimeout: limits.requestTimeoutMs + limits.maxWaitMs,
  }
  const { partitions } = await broker.connectionPool.send(request)
  return partitions
}

function byTopic(targets: readonly FetchTarget[]): Map<string, FetchTarget[]> {
  const topics = new Map<string, FetchTarget[]>()
  for (const target of targets) {
    const partitions = topics.get(target.topic)
    if (partitions === undefined) topics.set(target.topic, [target])
    else partitions.push(target)
  }
  return topics
}

function encodeFetch(targets: readonly FetchTarget[], maxWaitMs: number, maxBytes: number): Buffer {
  const topics = byTopic(targets)
  let size = 4 * 4 + 1 + 4 + 4 + 4 + 4 + 2
  for (const [topic, partitions] of topics) size += 2 + Buffer.byteLength(topic) + 4 + partitions.length * 28
  const buffer = Buffer.alloc(size)
  let at = 0
  const int32 = (value: number): void => {
    at = buffer.writeInt32BE(value, at)
  }
  int32(-1)
  int32(maxWaitMs)
  int32(1)
  int32(maxBytes)
  at = buffer.writeInt8(READ_COMMITTED, at)
  // No fetch session: id 0, epoch -1.
  int32(0)
  int32(-1)
  int32(topics.size)
  for (const [topic, partitions] of topics) {
    at = buffer.writeInt16BE(Buffer.byteLength(topic), at)
    at += buffer.write(topic, at)
    int32(partitions.length)
    for (const { partition, offset, maxBytes: partitionMaxBytes } of partitions) {
      int32(partition)
      int32(-1)
      at = buffer.writeBigInt64BE(offset, at)
      at = buffer.writeBigInt64BE(-1n, at)
      int32(partitionMaxBytes)
    }
  }
  // No forgotten topics, no rack: reading from followers has a fault of its own in kafkajs and is not asked for (K8).
  int32(0)
  buffer.writeInt16BE(0, at)
  return buffer
}

function decodeFetch(
  payload: Buffer,
  targets: readonly FetchTarget[],
): { partitions: readonly FetchedPartition[]; clientSideThrottleTime: number } {
  const offsets = new Map(targets.map(({ topic, partition, offset }) => [`${partition} ${topic}`, offset]))
  const partitions: FetchedPartition[] = []
  let at = 0
  const int32 = (): number => {
    at += 4
    return payload.readInt32BE(at - 4)
  }
  const int64 = (): bigint => {
    at += 8
    return payload.readBigInt64BE(at - 8)
  }
  const clientSideThrottleTime = int32()
  const sessionError = payload.readInt16BE(at)
  if (sessionError !== 0) throw new Error(`the broker refused the fetch with error code ${sessionError}`)
  at += 6
  for (let topics = int32(); topics > 0; topics -= 1) {
    const nameEnd = at + 2 + payload.readInt16BE(at)
    const topic = payload.toString('utf8', at + 2, nameEnd)
    at = nameEnd
    for (let count = int32(); count > 0; count -= 1) {
      const partition = int32()
      const errorCode = payload.readInt16BE(at)
      at += 2
      const highWatermark = int64()
      at += 16
      const aborted: AbortedTransaction[] = []
      for (let left = int32(); left > 0; left -= 1) aborted.push({ producerId: int64(), firstOffset: int64() })
      at += 4
      const length = Math.max(0, int32())
      const bytes = payload.subarray(at, at + length)
      at += length
      const offset = offsets.get(`${partition} ${topic}`)
      if (offset === undefined) continue
      const base = { topic, partition, offset, errorCode, highWatermark }
      try {
        partitions.push({ ...base, ...decodeRecordBatches(topic, partition, offset, bytes, aborted) })
      } catch (error) {
        partitions.push({ ...base, records: [], nextOffset: offset, failure: error as Error })
      }
    }
  }
  return { partitions, clientSideThrottleTime }
}
