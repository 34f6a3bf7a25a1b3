// A member of a consumer group, from joining to leaving. It lives through any number of generations and connections:
//
//   joining ──assigned──▶ reading ──rebalance──▶ draining ──▶ joining       (running batches end, then it joins again)
//      ▲  │ no broker         │ evicted, or the coordinator unreachable for a session ──▶ joining    (nothing is waited for)
//      └──┘ back-off          └──stop──▶ draining ──▶ left
//
// Heartbeats have a timer of their own and go on while handlers run and while the group waits for them to end. A generation's
// lanes are closed before the next join, so that an answer which arrives late (of the handler, of a fetch) has no effect.
import type { ClusterLink } from './cluster-link.ts'
import { FetchLoop } from './fetch-loop.ts'
import type { GroupMembership } from './group-membership.ts'
import { isHopeless, kafkaErrorType } from './kafka-error-type.ts'
import type { Logger } from '../observability/logger.ts'
import type { GroupHandler, GroupMember } from './kafka-port.ts'
import { PartitionLane, type LaneOwner } from './partition-lane.ts'
import type { Position, TopicPartition } from './record.ts'
import { createSlots } from './slots.ts'
import { wait } from './wait.ts'

const MIRROR_EVERY_MS = 1_000
const LONGEST_BACK_OFF_MS = 5_000
const EVICTED = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])
const JOIN_AGAIN = new Set([...EVICTED, 'REBALANCE_IN_PROGRESS', 'MEMBER_ID_REQUIRED'])

export interface MemberParts {
  readonly groupId: string
  readonly handler: GroupHandler
  readonly logger: Logger
  readonly link: ClusterLink
  readonly membership: GroupMembership
  readonly partitionsAtOnce: number
  readonly maxBytesPerPartition: number
  readonly requestTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly heartbeatEveryMs: number
  /** How long running batches may take to end before the member joins again without them. */
  readonly drainMs: number
}

type End = 'rebalance' | 'lost' | 'stop'

/** Starts the member; it joins in the background. */
export function startGroupMember(parts: MemberParts): GroupMember {
  const member = new RunningMember(parts)
  return { stop: () => member.stop(), failed: member.failed, owned: () => member.owned() }
}

class RunningMember {
  readonly failed: Promise<never>
  readonly #parts: MemberParts
  readonly #stopping = new AbortController()
  readonly #takeSlot: () => Promise<() => void>
  /** Calls of the handler that outlived their generation, by partition: the next one waits for them. */
  readonly #overdue = new Map<string, Promise<void>>()
  readonly #finished: Promise<void>
  #fail: (error: unknown) => void = () => undefined
  #lanes: readonly PartitionLane[] = []
  #mirrored = new Map<string, bigint>()

  constructor(parts: MemberParts) {
    this.#parts = parts
    this.#takeSlot = createSlots(parts.partitionsAtOnce)
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    // Whoever does not look at it must not bring the process down by that.
    this.failed.catch(() => undefined)
    this.#finished = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#finished
  }

  owned(): readonly Position[] {
    return this.#lanes.map((lane) => lane.position).filter((position) => position !== undefined)
  }

  async #run(): Promise<void> {
    const { link, membership, logger, groupId } = this.#parts
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted;) {
      try {
        const assigned = await membership.join()
        failures = 0
        logger.info({ groupId, partitions: assigned.length }, 'joined the consumer group')
        await this.#live(assigned)
      } catch (error) {
        const type = kafkaErrorType(error)
        if (isHopeless(error)) {
          this.#fail(error)
          break
        }
        if (type === 'UNKNOWN_MEMBER_ID' || type === 'FENCED_INSTANCE_ID') membership.forget()
        if (!JOIN_AGAIN.has(type)) {
          await this.#discardLink()
          const waitMs = Math.min(LONGEST_BACK_OFF_MS, 200 * 2 ** failures)
          failures += 1
          logger.warn({ groupId, err: error, waitMs }, 'cannot join the consumer group; trying again')
          await wait(waitMs, signal)
        } else await wait(50, signal)
      }
    }
    await membership.leave().catch(() => undefined)
    await link.close()
  }

  /** One generation: from its assignment to its end. */
  async #live(assigned: readonly TopicPartition[]): Promise<void> {
    const { handler, logger, groupId } = this.#parts
    const over = new AbortController()
    const lanes = assigned.map(
      (tp) =>
        new PartitionLane(
          tp,
          this.#owner(() => fetching.wake(), over.signal),
        ),
    )
    const fetching = new FetchLoop({ ...this.#parts, lanes, signal: over.signal, fail: (error) => this.#fail(error) })
    this.#lanes = lanes
    this.#mirrored = new Map()
    void this.#start(lanes, over.signal)
    const end = await this.#heartbeats(lanes)
    // Order matters: first nothing new is handed out and handlers learn of the end, then their ends are awaited, so that the
    // mirror holds what they committed, and only then may another member have the partitions.
    over.abort()
    for (const lane of lanes) lane.close()
    logger.info({ groupId, end }, 'the assignment is over')
    await this.#drain(lanes, end)
    if (end !== 'lost') await this.#mirror(lanes)
    this.#lanes = []
    handler.revoked(assigned)
  }

  #owner(wake: () => void, over: AbortSignal): LaneOwner {
    return {
      handler: this.#parts.handler,
      logger: this.#parts.logger,
      takeSlot: this.#takeSlot,
      roomMade: wake,
      restart: (lane) => this.#restart(lane, over),
    }
  }

  async #start(lanes: readonly PartitionLane[], over: AbortSignal): Promise<void> {
    const ready: PartitionLane[] = []
    for (const lane of lanes) {
      const overdue = this.#overdue.get(identity(lane))
      if (overdue === undefined) ready.push(lane)
      else void overdue.then(() => this.#open([lane], over))
    }
    await this.#open(ready, over)
  }

  /** Asks the handler where to read, until it says so or the generation is over. What comes too late is dropped (R7). */
  async #open(lanes: readonly PartitionLane[], over: AbortSignal): Promise<void> {
    if (lanes.length === 0) return
    const { handler, logger, groupId } = this.#parts
    const partitions = lanes.map(({ topic, partition }) => ({ topic, partition }))
    for (let waitMs = 100; !over.aborted; waitMs = Math.min(LONGEST_BACK_OFF_MS, waitMs * 2)) {
      try {
        const positions = await handler.assigned(partitions, over)
        if (over.aborted) return
        const byPartition = new Map(positions.map((position) => [identity(position), position.offset]))
        for (const lane of lanes) {
          const offset = byPartition.get(identity(lane))
          if (offset !== undefined) lane.open(offset)
        }
        return
      } catch (error) {
        logger.warn({ groupId, err: error, waitMs }, 'no start positions for the partitions assigned; asking again')
        await wait(waitMs, over)
      }
    }
  }

  async #restart(lane: PartitionLane, over: AbortSignal): Promise<void> {
    try {
      await this.#parts.membership.heartbeat()
    } catch {
      // Then the partition may be another member's; the next heartbeat says what is the matter and the generation ends. If it
      // was only the connection, asking again is harmless: the epoch decides who owns the partition.
      await wait(this.#parts.heartbeatEveryMs, over)
    }
    await this.#open([lane], over)
  }

  /** Beats until the generation is over, and resolves with the reason. Writes the mirror meanwhile. */
  async #heartbeats(lanes: readonly PartitionLane[]): Promise<End> {
    const { membership, heartbeatEveryMs, sessionTimeoutMs } = this.#parts
    let aliveAt = Date.now()
    let mirroredAt = aliveAt
    for (;;) {
      await wait(heartbeatEveryMs, this.#stopping.signal)
      if (this.#stopping.signal.aborted) return 'stop'
      try {
        await membership.heartbeat()
        aliveAt = Date.now()
        if (aliveAt - mirroredAt >= MIRROR_EVERY_MS) {
          mirroredAt = aliveAt
          await this.#mirror(lanes)
        }
      } catch (error) {
        const type = kafkaErrorType(error)
        if (type === 'REBALANCE_IN_PROGRESS') return 'rebalance'
        if (EVICTED.has(type)) return 'lost'
        if (!isCoordinatorMoved(type)) await this.#discardLink()
        if (Date.now() - aliveAt > sessionTimeoutMs) return 'lost'
      }
    }
  }

  /** Waits for running batches, heartbeating so that the group waits too. A lost member's partitions are others' already. */
  async #drain(lanes: readonly PartitionLane[], end: End): Promise<void> {
    const { drainMs, heartbeatEveryMs, membership, logger, groupId } = this.#parts
    const drained = new AbortController()
    const ended = Promise.all(lanes.map(({ ended }) => ended)).then(() => drained.abort())
    const deadline = Date.now() + (end === 'lost' ? 0 : drainMs)
    while (!drained.signal.aborted && Date.now() < deadline) {
      await wait(Math.min(heartbeatEveryMs, deadline - Date.now()), drained.signal)
      if (!drained.signal.aborted) await membership.heartbeat().catch(() => undefined)
    }
    // A microtask, so that lanes which have ended are seen to have.
    await Promise.race([ended, Promise.resolve()])
    if (drained.signal.aborted) return
    if (end !== 'lost')
      logger.warn({ groupId, drainMs }, 'a batch did not end in time; its partition may go to another member')
    for (const lane of lanes) {
      const overdue = lane.ended.then(() => {
        if (this.#overdue.get(identity(lane)) === overdue) this.#overdue.delete(identity(lane))
      })
      this.#overdue.set(identity(lane), overdue)
    }
  }

  /** Copies the positions to Kafka for lag tools. Never read back to decide anything, so a failure is not one of the member. */
  async #mirror(lanes: readonly PartitionLane[]): Promise<void> {
    const changed = lanes
      .map(({ position }) => position)
      .filter((position) => position !== undefined)
      .filter((position) => this.#mirrored.get(identity(position)) !== position.offset)
    if (changed.length === 0) return
    try {
      await this.#parts.membership.commit(changed)
      for (const position of changed) this.#mirrored.set(identity(position), position.offset)
    } catch (error) {
      this.#parts.logger.debug({ err: error, groupId: this.#parts.groupId }, 'the positions were not mirrored to Kafka')
    }
  }

  async #discardLink(): Promise<void> {
    const cluster = await this.#parts.link.get().catch(() => undefined)
    if (cluster !== undefined) await this.#parts.link.discard(cluster)
  }
}

function isCoordinatorMoved(type: string): boolean {
  return (
    type === 'NOT_COORDINATOR_FOR_GROUP' ||
    type === 'GROUP_COORDINATOR_NOT_AVAILABLE' ||
    type === 'GROUP_LOAD_IN_PROGRESS'
  )
}

function identity({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}
