// kafkajs's layer of connections and protocol, below its consumer: the part of it that this room uses, typed. Members of
// groups and range readers are built on it, because most known faults of kafkajs sit in its consumer (docs/kafkajs.md).
import type { Kafka } from 'kafkajs'

/** One request and how to read its answer. */
export interface ProtocolRequest<Answer> {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    encode(): Promise<{ buf: Buffer; buffer: Buffer }>
  }
  readonly response: {
    decode(payload: Buffer): Promise<Answer & { clientSideThrottleTime: number }>
    parse(answer: Answer): Promise<Answer>
  }
  readonly requestTimeout: number
}

export interface JoinAnswer {
  readonly generationId: number
  readonly leaderId: string
  readonly memberId: string
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
}

interface CommittedTopic {
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
}

/** A broker to which there is a connection, or will be when a request is sent. */
export interface Broker {
  readonly connectionPool: {
    send<Answer>(request: ProtocolRequest<Answer>): Promise<Answer>
    /** Connects it where it is not. */
    getConnection(index: number): Promise<unknown>
  }
  joinGroup(request: {
    groupId: string
    sessionTimeout: number
    rebalanceTimeout: number
    memberId: string
    groupProtocols: readonly { name: string; metadata: Buffer }[]
  }): Promise<JoinAnswer>
  syncGroup(request: {
    groupId: string
    generationId: number
    memberId: string
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[]
  }): Promise<{ memberAssignment: Buffer }>
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<void>
  leaveGroup(request: { groupId: string; memberId: string }): Promise<void>
  offsetCommit(request: {
    groupId: string
    groupGenerationId: number
    memberId: string
    topics: readonly CommittedTopic[]
  }): Promise<void>
}

/** The brokers of a cluster and what they said of topics. */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  refreshMetadata(): Promise<void>
  refreshMetadataIfNecessary(): Promise<void>
  findBroker(node: { nodeId: string }): Promise<Broker>
  findGroupCoordinator(group: { groupId: string }): Promise<Broker>
  findTopicPartitionMetadata(topic: string): readonly { partitionId: number; leader: number }[]
}

/** The client's cluster. kafkajs hands it to a custom partition assigner, which is public; no consumer is ever started. */
export function clusterOf(client: Kafka): Cluster {
  let found: Cluster | undefined
  client.consumer({
    groupId: 'unused',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster as unknown as Cluster
        return {
          name: 'unused',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: '', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  if (found === undefined) throw new Error('kafkajs made no cluster for the consumer: it must be version 2.2.4')
  return found
}
