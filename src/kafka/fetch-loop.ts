// Fetches for the lanes of one generation: one request in flight per broker, for all lanes led by it that have room. It waits
// at the broker for new records; while a lane is full the wait is short, so that the lane is fetched soon after it has room.
// Every request has a time limit, so that a broker which says nothing cannot stall a partition silently.
import { backOffMs } from './back-off-ms.ts'
import type { ClusterLink } from './cluster-link.ts'
import type { Cluster } from './cluster.ts'
import { fetchRecords, type FetchedPartition, type FetchTarget } from './fetch-records.ts'
import { isHopeless } from './kafka-error-type.ts'
import type { Logger } from '../observability/logger.ts'
import type { PartitionLane } from './partition-lane.ts'
import { wait } from './wait.ts'

const LONGEST_WAIT_MS = 300
const SHORTEST_WAIT_MS = 5
const LONGEST_BACK_OFF_MS = 2_000
const MAX_BYTES = 10 * 1024 * 1024
const OFFSET_OUT_OF_RANGE = 1
const NOT_AUTHORIZED = 29

export interface FetchLoopParts {
  readonly groupId: string
  readonly link: ClusterLink
  readonly logger: Logger
  readonly lanes: readonly PartitionLane[]
  readonly maxBytesPerPartition: number
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
  /** Called when reading is not allowed, which waiting does not cure. */
  fail(error: unknown): void
}

export class FetchLoop {
  readonly #parts: FetchLoopParts
  readonly #lanes = new Map<string, PartitionLane>()
  /** Brokers with a request in flight. */
  readonly #busy = new Set<number>()
  readonly #waits = new Map<number, number>()
  #planning = false
  #planAgain = false
  #failures = 0

  constructor(parts: FetchLoopParts) {
    this.#parts = parts
    for (const lane of parts.lanes) this.#lanes.set(`${lane.partition} ${lane.topic}`, lane)
  }

  /** Fetches whatever has room and is not being fetched. Calls in one turn of the event loop are one. */
  wake(): void {
    if (this.#planning) {
      this.#planAgain = true
      return
    }
    this.#planning = true
    void this.#plan()
  }

  async #plan(): Promise<void> {
    const { link, signal } = this.#parts
    do {
      this.#planAgain = false
      let cluster: Cluster | undefined
      try {
        cluster = await link.get()
        await cluster.refreshMetadataIfNecessary()
        if (signal.aborted) break
        const waiting = this.#byLeader(cluster)
        for (const [leader, targets] of waiting) void this.#fetch(cluster, leader, targets)
      } catch (error) {
        await this.#recover(cluster, error)
        this.#planAgain = true
      }
    } while (this.#planAgain && !signal.aborted)
    this.#planning = false
  }

  #byLeader(cluster: Cluster): Map<number, FetchTarget[]> {
    const byLeader = new Map<number, FetchTarget[]>()
    for (const lane of this.#lanes.values()) {
      const offset = lane.fetchAt
      if (offset === undefined) continue
      const { topic, partition } = lane
      const leader = leaderOf(cluster, topic, partition)
      if (leader < 0) throw new LeaderUnknown(topic, partition)
      if (this.#busy.has(leader)) continue
      const targets = byLeader.get(leader) ?? []
      targets.push({ topic, partition, offset, maxBytes: this.#parts.maxBytesPerPartition })
      byLeader.set(leader, targets)
    }
    return byLeader
  }

  async #fetch(cluster: Cluster, leader: number, targets: readonly FetchTarget[]): Promise<void> {
    this.#busy.add(leader)
    try {
      const broker = await cluster.findBroker({ nodeId: String(leader) })
      const fetched = await fetchRecords(broker, targets, {
        maxWaitMs: this.#waitMs(leader),
        maxBytes: MAX_BYTES,
        requestTimeoutMs: this.#parts.requestTimeoutMs,
      })
      this.#failures = 0
      if (fetched.some(({ nextOffset, offset }) => nextOffset > offset)) this.#waits.delete(leader)
      await this.#deliver(cluster, fetched)
    } catch (error) {
      await this.#recover(cluster, error)
    } finally {
      this.#busy.delete(leader)
      if (!this.#parts.signal.aborted) this.wake()
    }
  }

  #waitMs(leader: number): number {
    const someFull = this.#parts.lanes.some(({ isFull }) => isFull)
    const next = someFull
      ? Math.min(LONGEST_WAIT_MS, (this.#waits.get(leader) ?? SHORTEST_WAIT_MS / 2) * 2)
      : LONGEST_WAIT_MS
    if (someFull) this.#waits.set(leader, next)
    return Math.ceil(next)
  }

  async #deliver(cluster: Cluster, fetched: readonly FetchedPartition[]): Promise<void> {
    const { logger, groupId, signal } = this.#parts
    if (signal.aborted) return
    let trouble: FetchedPartition | undefined
    for (const found of fetched) {
      const { topic, partition, offset, errorCode } = found
      const lane = this.#lanes.get(`${partition} ${topic}`)
      if (lane === undefined) continue
      if (errorCode === 0 && found.failure === undefined) lane.deliver(found)
      else if (errorCode === OFFSET_OUT_OF_RANGE) {
        // kafkajs would jump to the earliest or latest offset and say nothing (K8).
        logger.error(
          { groupId, topic, partition, offset },
          'the log does not hold the offset to read; asking where to start',
        )
        void lane.outOfRange()
      } else trouble = found
    }
    if (trouble === undefined) return
    const { topic, partition, errorCode, failure } = trouble
    if (errorCode === NOT_AUTHORIZED) this.#parts.fail(new Error(`reading ${topic} is not allowed to this client`))
    logger.warn({ groupId, topic, partition, errorCode, err: failure }, 'a partition cannot be read; trying again')
    await this.#backOff()
    await cluster.refreshMetadata()
  }

  /** After a failure of the connection it is thrown away: kafkajs keeps dead brokers and stale metadata after timeouts. */
  async #recover(cluster: Cluster | undefined, error: unknown): Promise<void> {
    const { link, logger, groupId } = this.#parts
    if (isHopeless(error)) this.#parts.fail(error)
    logger.debug({ groupId, err: error }, 'a fetch failed; trying again')
    if (error instanceof LeaderUnknown) await cluster?.refreshMetadata().catch(() => undefined)
    else if (cluster !== undefined) await link.discard(cluster)
    await this.#backOff()
  }

  async #backOff(): Promise<void> {
    const ms = backOffMs(this.#failures, LONGEST_BACK_OFF_MS)
    this.#failures += 1
    await wait(ms, this.#parts.signal)
  }
}

/** The id of the broker that leads the partition, or -1. */
function leaderOf(cluster: Cluster, topic: string, partition: number): number {
  return cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader ?? -1
}

class LeaderUnknown extends Error {
  constructor(topic: string, partition: number) {
    super(`${topic} [${partition}] has no leader now`)
    this.name = 'LeaderUnknown'
  }
}
