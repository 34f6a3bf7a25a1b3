// One member's side of the group protocol: join, sync, heartbeat, commit, leave. It keeps the member id and the generation and
// nothing else; when to call what is the member's business (group-member.ts). Errors are kafkajs's, told apart by
// kafkaErrorType.
import { AssignerProtocol } from 'kafkajs'
import { assignPartitions } from './assign-partitions.ts'
import type { ClusterLink } from './cluster-link.ts'
import type { Broker, Cluster, JoinAnswer } from './cluster.ts'
import { isBrokersAnswer } from './kafka-error-type.ts'
import type { Position, TopicPartition } from './record.ts'
import { toAssignableMember } from './to-assignable-member.ts'

const PROTOCOL = 'millrace-copartitioned'
const PROTOCOL_VERSION = 1

export interface MembershipOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

export class GroupMembership {
  readonly #link: ClusterLink
  readonly #options: MembershipOptions
  #memberId = ''
  #generationId = -1
  #owned: Record<string, readonly number[]> = {}
  #coordinator: { readonly cluster: Cluster; readonly broker: Broker } | undefined

  constructor(link: ClusterLink, options: MembershipOptions) {
    this.#link = link
    this.#options = options
  }

  /** Joins or joins again, and resolves with what is assigned. Waits for the other members, up to the rebalance timeout. */
  async join(): Promise<readonly TopicPartition[]> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, topics } = this.#options
    return this.#ask(async (broker, cluster) => {
      const joined = await broker.joinGroup({
        groupId,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        memberId: this.#memberId,
        groupProtocols: [{ name: PROTOCOL, metadata: this.#metadata(topics) }],
      })
      this.#memberId = joined.memberId
      this.#generationId = joined.generationId
      const groupAssignment = joined.leaderId === joined.memberId ? await this.#assign(joined, cluster) : []
      const { memberAssignment } = await broker.syncGroup({
        groupId,
        generationId: this.#generationId,
        memberId: this.#memberId,
        groupAssignment,
      })
      const assignment =
        memberAssignment.length === 0 ? null : AssignerProtocol.MemberAssignment.decode(memberAssignment)
      this.#owned = assignment?.assignment ?? {}
      return Object.entries(this.#owned).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      )
    })
  }

  /** Tells the group that the member lives. Rejects when it is no longer one, or when the group is being rebalanced. */
  heartbeat(): Promise<void> {
    return this.#ask((broker) => broker.heartbeat(this.#identity()))
  }

  /** Writes the mirror of the checkpoints, under this generation only. */
  commit(positions: readonly Position[]): Promise<void> {
    const topics = new Map<string, { partition: number; offset: string }[]>()
    for (const { topic, partition, offset } of positions) {
      const partitions = topics.get(topic) ?? []
      partitions.push({ partition, offset: offset.toString() })
      topics.set(topic, partitions)
    }
    return this.#ask((broker) =>
      broker.offsetCommit({
        ...this.#identity(),
        topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
      }),
    )
  }

  /** Leaves the group, so that the others need not wait for the session to time out. */
  async leave(): Promise<void> {
    if (this.#memberId === '') return
    const { groupId } = this.#options
    await this.#ask((broker) => broker.leaveGroup({ groupId, memberId: this.#memberId }))
    this.forget()
  }

  /** Joins as a new member next time: the group no longer knows this one. */
  forget(): void {
    this.#memberId = ''
    this.#generationId = -1
  }

  #identity(): { groupId: string; groupGenerationId: number; memberId: string } {
    return { groupId: this.#options.groupId, groupGenerationId: this.#generationId, memberId: this.#memberId }
  }

  async #ask<Answer>(request: (broker: Broker, cluster: Cluster) => Promise<Answer>): Promise<Answer> {
    const cluster = await this.#link.get()
    try {
      if (this.#coordinator?.cluster !== cluster) {
        const broker = await cluster.findGroupCoordinator({ groupId: this.#options.groupId })
        this.#coordinator = { cluster, broker }
      }
      return await request(this.#coordinator.broker, cluster)
    } catch (error) {
      // The coordinator may have moved; to find it again is cheap. If it did not answer at all, the connection is replaced.
      this.#coordinator = undefined
      if (!isBrokersAnswer(error)) await this.#link.discard(cluster)
      throw error
    }
  }

  #metadata(topics: readonly string[]): Buffer {
    const userData = Buffer.from(JSON.stringify({ owned: this.#owned, generation: this.#generationId }))
    return AssignerProtocol.MemberMetadata.encode({ version: PROTOCOL_VERSION, topics: [...topics], userData })
  }

  async #assign(joined: JoinAnswer, cluster: Cluster): Promise<{ memberId: string; memberAssignment: Buffer }[]> {
    const members = joined.members.map(toAssignableMember)
    const topics = new Set(members.flatMap((member) => member.topics))
    await cluster.addMultipleTargetTopics([...topics])
    await cluster.refreshMetadata()
    const counts = new Map([...topics].map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length]))
    return [...assignPartitions(members, counts)].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: PROTOCOL_VERSION,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }))
  }
}
