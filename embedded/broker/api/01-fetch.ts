// Fetch: v4-12
//
// Whole batches, from the one that holds the fetch offset; at least one batch of a partition even when it is larger than
// the limits allow. With nothing to read the request waits for minBytes, maxWaitMs, the end of the connection or another
// request on it, whichever is first (a heartbeat must not wait behind an idle fetch). v7: sessions are never made, each
// request is whole; v12: flexible.
// Not supported: fetch sessions, leader epoch checks, replica fetches, topic ids (v13).

import type { PartitionLog } from '../log/partition-log.ts'
import { errorCode } from '../wire/error-code.ts'
import type { Reader } from '../wire/reader.ts'
import type { ApiHandler, ApiRequest, BrokerState } from './api-handler.ts'
import { outcome } from './outcome.ts'

type Wanted = { readonly partition: number; readonly offset: number; readonly maxBytes: number }
type WantedTopic = { readonly name: string; readonly partitions: readonly Wanted[] }
type FetchBody = {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isReadCommitted: boolean
  readonly sessionId: number
  readonly topics: readonly WantedTopic[]
}
type Fetched = {
  readonly partition: number
  readonly code: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly records: Buffer
}
type FetchedTopic = { readonly name: string; readonly partitions: readonly Fetched[] }

/** A client that allows more does not get more in one reply: it is one piece of memory here. */
const MOST_BYTES = 64 * 1024 * 1024
const NOTHING = Buffer.alloc(0)

export const fetch: ApiHandler = {
  key: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 12,
  flexibleFrom: 12,
  async handle(request, broker) {
    const { version, reply } = request
    const wanted = readBody(request.body, version)
    if (wanted.sessionId !== 0) {
      reply.i32(0).i16(errorCode.fetchSessionIdNotFound).i32(0)
      reply.array([], () => {}).tags()
      return
    }
    let topics = await readAll(broker, wanted)
    const missing = wanted.minBytes - bytesOf(topics)
    if (missing > 0 && wanted.maxWaitMs > 0 && !hasError(topics)) {
      await waitForBytes(request, broker, wanted, topics, missing)
      topics = await readAll(broker, wanted)
    }
    reply.i32(0)
    if (version >= 7) reply.i16(errorCode.none).i32(0)
    reply.array(topics, ({ name, partitions }) => {
      reply.string(name)
      reply.array(partitions, (fetched) => {
        reply.i32(fetched.partition).i16(fetched.code).i64(fetched.highWatermark).i64(fetched.highWatermark)
        if (version >= 5) reply.i64(fetched.logStartOffset)
        reply.array(wanted.isReadCommitted ? [] : null, () => {})
        if (version >= 11) reply.i32(-1)
        reply.bytes(fetched.records).tags()
      })
      reply.tags()
    })
    reply.tags()
  },
}

function readBody(body: Reader, version: number): FetchBody {
  body.i32() // replica id
  const maxWaitMs = body.i32()
  const minBytes = body.i32()
  const maxBytes = Math.min(body.i32(), MOST_BYTES)
  const isReadCommitted = body.i8() === 1
  const sessionId = version >= 7 ? body.i32() : 0
  if (version >= 7) body.i32() // session epoch
  const topics = body.array(() => {
    const name = body.string()
    const partitions = body.array(() => {
      const partition = body.i32()
      if (version >= 9) body.i32() // current leader epoch
      const offset = body.i64()
      if (version >= 12) body.i32() // last fetched epoch
      if (version >= 5) body.i64() // log start offset of a replica
      const maxBytes = body.i32()
      body.tags()
      return { partition, offset, maxBytes }
    })
    body.tags()
    return { name, partitions }
  })
  return { maxWaitMs, minBytes, maxBytes, isReadCommitted, sessionId, topics }
}

/** Reads the partitions in the order of the request, because what one takes is missing for the next. */
async function readAll(broker: BrokerState, wanted: FetchBody): Promise<FetchedTopic[]> {
  let left = wanted.maxBytes
  const topics: FetchedTopic[] = []
  for (const { name, partitions } of wanted.topics) {
    const fetched: Fetched[] = []
    for (const partition of partitions) {
      const result = await readOne(broker, name, partition, left)
      left -= result.records.length
      fetched.push(result)
    }
    topics.push({ name, partitions: fetched })
  }
  return topics
}

async function readOne(broker: BrokerState, name: string, wanted: Wanted, left: number): Promise<Fetched> {
  let log: PartitionLog | null = null
  let records: Buffer = NOTHING
  const { code } = await outcome(async () => {
    log = broker.topics.partition(name, wanted.partition)
    if (left > 0 || wanted.offset < log.logStartOffset || wanted.offset > log.highWatermark) {
      records = await log.read(wanted.offset, Math.min(wanted.maxBytes, left))
    }
  })
  const found = log as PartitionLog | null
  return {
    partition: wanted.partition,
    code,
    highWatermark: found?.highWatermark ?? -1,
    logStartOffset: found?.logStartOffset ?? -1,
    records,
  }
}

function waitForBytes(
  request: ApiRequest,
  broker: BrokerState,
  wanted: FetchBody,
  topics: readonly FetchedTopic[],
  missing: number,
): Promise<void> {
  return new Promise((resolve) => {
    const undo: (() => void)[] = []
    const wake = (): void => {
      for (const action of undo.splice(0)) action()
      resolve()
    }
    let left = missing
    const onAppend = (bytes: number): void => {
      left -= bytes
      // A log that closes reports no bytes: the read that follows has the error for the client.
      if (left <= 0 || bytes === 0) wake()
    }
    undo.push(request.onHurry(wake), broker.clock.after(wanted.maxWaitMs, wake))
    for (const { name, partitions } of topics) {
      for (const { partition, highWatermark } of partitions) {
        const log = broker.topics.get(name)?.partitions[partition]
        // What was appended between the read and this moment is not counted by anyone: look again at once.
        if (!log || log.isClosed || log.highWatermark !== highWatermark) return wake()
        undo.push(log.onAppend(onAppend))
      }
    }
  })
}

function bytesOf(topics: readonly FetchedTopic[]): number {
  let bytes = 0
  for (const topic of topics) for (const { records } of topic.partitions) bytes += records.length
  return bytes
}

function hasError(topics: readonly FetchedTopic[]): boolean {
  return topics.some(({ partitions }) => partitions.some(({ code }) => code !== errorCode.none))
}
