// Reads fixed ranges straight from the brokers: no group, no commit, nothing to clean up. Each partition is read in order and
// ends exactly at `to`, even if the last offsets before it are not visible. Waits for what is not written yet.
import type { Kafka } from 'kafkajs'
import { MillraceError } from '../errors/millrace-error.ts'
import { backOffMs } from './back-off-ms.ts'
import type { Broker } from './cluster.ts'
import { ClusterLink } from './cluster-link.ts'
import { fetchRecords } from './fetch-records.ts'
import { isHopeless } from './kafka-error-type.ts'
import type { FetchedBatch, RangeReader } from './kafka-port.ts'
import type { Logger } from '../observability/logger.ts'
import { wait } from './wait.ts'

const MAX_WAIT_MS = 300
const MAX_BYTES = 1024 * 1024
const LONGEST_BACK_OFF_MS = 2_000
const OFFSET_OUT_OF_RANGE = 1
/** kafkajs sends fetches over a connection of their own. */
const FETCH_CONNECTION = 1

interface Range {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

export function createRangeReader(parts: {
  readonly createClient: () => Kafka
  readonly logger: Logger
  readonly requestTimeoutMs: number
}): RangeReader {
  return {
    async read(ranges, onBatch, signal) {
      const link = new ClusterLink(parts.createClient, [...new Set(ranges.map(({ topic }) => topic))])
      const ended = new AbortController()
      const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
      try {
        const connecting = new Map<Broker, Promise<unknown>>()
        await Promise.all(ranges.map((range) => readRange(range, link, parts, onBatch, stop, connecting)))
        signal?.throwIfAborted()
      } finally {
        // The first failure ends the other ranges too.
        ended.abort()
        await link.close()
      }
    },
  }
}

async function readRange(
  { topic, partition, from, to }: Range,
  link: ClusterLink,
  { logger, requestTimeoutMs }: { readonly logger: Logger; readonly requestTimeoutMs: number },
  onBatch: (batch: FetchedBatch) => Promise<void>,
  signal: AbortSignal,
  connecting: Map<Broker, Promise<unknown>>,
): Promise<void> {
  const limits = { maxWaitMs: MAX_WAIT_MS, maxBytes: MAX_BYTES, requestTimeoutMs }
  let failures = 0
  for (let next = from; next < to && !signal.aborted;) {
    const cluster = await link.get().catch((error: unknown) => {
      if (isHopeless(error)) throw error
      return undefined
    })
    let batch: FetchedBatch | undefined
    try {
      if (cluster === undefined) throw new Error('no broker answers')
      const leader = cluster
        .findTopicPartitionMetadata(topic)
        .find(({ partitionId }) => partitionId === partition)?.leader
      if (leader === undefined || leader < 0) throw new Error(`${topic} [${partition}] has no leader`)
      const broker = await cluster.findBroker({ nodeId: String(leader) })
      await connectOnce(broker, connecting)
      const [found] = await fetchRecords(broker, [{ topic, partition, offset: next, maxBytes: MAX_BYTES }], limits)
      if (found?.errorCode === OFFSET_OUT_OF_RANGE) throw outOfRange(topic, partition, next)
      if (found === undefined || found.errorCode !== 0 || found.failure !== undefined) {
        throw found?.failure ?? new Error(`the broker answered error code ${found?.errorCode ?? 'nothing'}`)
      }
      const nextOffset = found.nextOffset < to ? found.nextOffset : to
      const records = found.records.filter(({ offset }) => offset < to)
      const { highWatermark } = found
      batch = { topic, partition, fetchedOffset: next, nextOffset, highWatermark, records }
      next = nextOffset
      failures = 0
    } catch (error) {
      if (error instanceof MillraceError || isHopeless(error)) throw error
      logger.warn({ topic, partition, err: error }, 'a range cannot be read; trying again')
      if (cluster !== undefined) await link.discard(cluster)
      await wait(backOffMs(failures, LONGEST_BACK_OFF_MS), signal)
      failures += 1
    }
    if (batch !== undefined && batch.records.length > 0) await onBatch(batch)
  }
}

/** Fetches that find no connection would each open one, and kafkajs forgets all but the last: they would never be closed. */
async function connectOnce(broker: Broker, connecting: Map<Broker, Promise<unknown>>): Promise<void> {
  const pending = connecting.get(broker) ?? broker.connectionPool.getConnection(FETCH_CONNECTION)
  connecting.set(broker, pending)
  try {
    await pending
  } finally {
    connecting.delete(broker)
  }
}

function outOfRange(topic: string, partition: number, offset: bigint): MillraceError {
  return new MillraceError(
    'MILLRACE_OFFSET_OUT_OF_RANGE',
    `${topic} [${partition}] does not hold offset ${offset}: records were removed by retention, or the topic was made anew. ` +
      'Read from its first offset on.',
    { context: { topic, partition, offset } },
  )
}
