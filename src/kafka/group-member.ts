// A member of a consumer group, from joining to leaving. It lives through any number of generations and connections:
//
//   joining ──assigned──▶ reading ──rebalance──▶ draining ──▶ joining       (running batches end, then it joins again)
//      ▲  │ no broker         │ evicted, or the coordinator unreachable for a session ──▶ joining    (nothing is waited for)
//      └──┘ back-off          └──stop──▶ draining ──▶ left
//
// Heartbeats have a timer of their own and go on while handlers run and while the group waits for them to end. A generation's
// lanes are closed before the next join, so that an answer which arrives late (of the handler, of a fetch) has no effect.
import { setMaxListeners } from 'node:events'
import { backOffMs } from './back-off-ms.ts'
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
const JOIN_AGAIN_MS = 50
const LEAVE_LIMIT_MS = 3_000
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
        const assigned = await this.#join()
        if (assigned === undefined) break
        failures = 0
        logger.info({ groupId, partitions: assigned.length }, 'joined the consumer group')
        await this.#live(assigned)
      } catch (error) {
        if (isHopeless(error)) {
          this.#fail(error)
          break
        }
        const type = kafkaErrorType(error)
        if (type === 'UNKNOWN_MEMBER_ID' || type === 'FENCED_INSTANCE_ID') membership.forget()
        if (JOIN_AGAIN.has(type)) await wait(JOIN_AGAIN_MS, signal)
        else {
          const waitMs = backOffMs(failures)
          failures += 1
          logger.warn({ groupId, err: error, waitMs }, 'cannot join the consumer group; trying again')
          await wait(waitMs, signal)
        }
      }
    }
    const left = new AbortController()
    void membership
      .leave()
      .catch(() => undefined)
      .then(() => left.abort())
    await wait(LEAVE_LIMIT_MS, left.signal)
    await link.close()
  }

  /** Joins; undefined if the member was stopped meanwhile, since a group may wait long for its members. */
  async #join(): Promise<readonly TopicPartition[] | undefined> {
    const { link, membership } = this.#parts
    const joining = membership.join()
    const stopped = await Promise.race([joining.then(() => false), whenAborted(this.#stopping.signal)])
    if (!stopped) return joining
    joining.catch(() => undefined)
    // Brokers answer the requests of a connection in turn: to leave takes another one than that on which the join waits.
    await link.discardCurrent()
    return undefined
  }

  /** One generation: from its assignment to its end. */
  async #live(assigned: readonly TopicPartition[]): Promise<void> {
    const { handler, logger, groupId } = this.#parts
    const over = new AbortController()
    // Every handler, lane and wait of the generation listens to it.
    setMaxListeners(0, over.signal)
    const calls = new Set<Promise<void>>()
    const owner = this.#owner(() => fetching.wake(), calls, over.signal)
    const lanes = assigned.map((tp) => new PartitionLane(tp, owner))
    const fail = (error: unknown): void => this.#fail(error)
    const fetching = new FetchLoop({ ...this.#parts, lanes, signal: over.signal, fail })
    this.#lanes = lanes
    this.#mirrored = new Map()
    this.#start(lanes, calls, over.signal)
    const end = await this.#heartbeats(lanes)
    // Order matters: first nothing new is handed out and handlers learn of the end, then their ends are awaited, so that the
    // mirror holds what they committed, and only then may another member have the partitions.
    over.abort()
    for (const lane of lanes) lane.close()
    logger.info({ groupId, end }, 'the assignment is over')
    await this.#drain(lanes, calls, end)
    if (end !== 'lost') await this.#mirror(lanes)
    this.#lanes = []
    handler.revoked(assigned)
  }

  #owner(wake: () => void, calls: Set<Promise<void>>, over: AbortSignal): LaneOwner {
    return {
      handler: this.#parts.handler,
      logger: this.#parts.logger,
      takeSlot: this.#takeSlot,
      roomMade: wake,
      restart: async (lane) => {
        if (await this.#isStillMember(over)) await this.#open([lane], calls, over)
      },
    }
  }

  #start(lanes: readonly PartitionLane[], calls: Set<Promise<void>>, over: AbortSignal): void {
    const ready: PartitionLane[] = []
    for (const lane of lanes) {
      const overdue = this.#overdue.get(identity(lane))
      if (overdue === undefined) ready.push(lane)
      else void overdue.then(() => this.#open([lane], calls, over))
    }
    void this.#open(ready, calls, over)
  }

  /** Asks the handler where to read; the question is one of the `calls` that the end of the generation waits for. */
  async #open(lanes: readonly PartitionLane[], calls: Set<Promise<void>>, over: AbortSignal): Promise<void> {
    if (lanes.length === 0 || over.aborted) return
    const call = this.#ask(lanes, over)
    calls.add(call)
    await call
    calls.delete(call)
  }

  /** Asks until there is an answer or the generation is over. An answer that comes too late is dropped (R7). */
  async #ask(lanes: readonly PartitionLane[], over: AbortSignal): Promise<void> {
    const { handler, logger, groupId } = this.#parts
    const partitions = lanes.map(({ topic, partition }) => ({ topic, partition }))
    for (let failures = 0; !over.aborted; failures += 1) {
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
        const waitMs = backOffMs(failures)
        logger.warn({ groupId, err: error, waitMs }, 'no start positions for the partitions assigned; asking again')
        await wait(waitMs, over)
      }
    }
  }

  /** Proves by a heartbeat that the group still counts this member in; waits for an answer while the generation lasts. */
  async #isStillMember(over: AbortSignal): Promise<boolean> {
    while (!over.aborted) {
      try {
        await this.#parts.membership.heartbeat()
        return true
      } catch (error) {
        // The heartbeats of the generation find the same and end it.
        if (JOIN_AGAIN.has(kafkaErrorType(error))) return false
        await wait(this.#parts.heartbeatEveryMs, over)
      }
    }
    return false
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
        if (Date.now() - aliveAt > sessionTimeoutMs) return 'lost'
      }
    }
  }

  /** Waits for running batches, heartbeating so that the group waits too. A lost member's partitions are others' already. */
  async #drain(lanes: readonly PartitionLane[], calls: ReadonlySet<Promise<void>>, end: End): Promise<void> {
    const { drainMs, heartbeatEveryMs, membership, logger, groupId } = this.#parts
    const drained = new AbortController()
    const questions = Promise.all(calls)
    const ended = Promise.all([questions, ...lanes.map(({ ended }) => ended)]).then(() => drained.abort())
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
      const overdue = Promise.all([questions, lane.ended]).then(() => {
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
}

function whenAborted(signal: AbortSignal): Promise<true> {
  if (signal.aborted) return Promise.resolve(true)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(true), { once: true }))
}

function identity({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}
