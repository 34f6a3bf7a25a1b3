// Starts a member of a consumer's group: the engine around a strategy. It owns no clients: all effects are arguments.
import { buildCommitStatement } from '../checkpoint/commit-statement.ts'
import { idContribution } from '../checkpoint/id-contribution.ts'
import { PostgresCheckpoints } from '../checkpoint/postgres-checkpoints.ts'
import type { Database } from '../database/database.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import type { KafkaPort } from '../kafka/kafka-port.ts'
import type { Metrics } from '../observability/create-metrics.ts'
import type { Logger } from '../observability/logger.ts'
import { parkingContribution } from '../parking/parking-contribution.ts'
import { PostgresParking } from '../parking/postgres-parking.ts'
import type { Clock } from './clock.ts'
import { ConsumerMember, type ConsumerStatus } from './consumer-member.ts'
import type { RecordDecoder } from './record-decoder.ts'
import type { Strategy } from './strategy.ts'

export interface ConsumerOptions {
  /** What it reads and what its checkpoint and group are called; a projection, a worker or a processor. */
  readonly definition: { readonly name: string; readonly version: number; readonly from: readonly AnyTopic[] }
  /** Does the work for the events; made from the definition by its kind's room. */
  readonly strategy: Strategy
  /** The app's name, first part of the group id. */
  readonly app: string
  /** The checkpoint's consumer (default: `<name>.v<version>`). A rebuild gives its own. */
  readonly consumerId?: string
  /** The group's id (default: `<app>.<name>.v<version>`). */
  readonly groupId?: string
  readonly kafka: Pick<KafkaPort, 'admin' | 'joinGroup'>
  readonly database: Database
  readonly decoder: RecordDecoder
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'consumed' | 'batchSeconds' | 'lag'>
  readonly clock: Clock
  /** How many partitions are worked on at once (default: 4). */
  readonly partitionsAtOnce?: number
  /** How often parked events are looked for that are due or asked for, in milliseconds (default: 1,000). */
  readonly parkedEveryMs?: number
  /** A member that is silent for this long is evicted, in milliseconds (default: the port's). */
  readonly sessionTimeoutMs?: number
}

/** A running member of a consumer's group. */
export interface RunningConsumer {
  /** Resolves when the running commits have ended and the group is left. Called again it waits for the same end. */
  stop(): Promise<void>
  status(): ConsumerStatus
  /** Looks now for parked events that are asked for or due, instead of at the next round, and runs them. */
  runParkedWork(): Promise<void>
  /** Rejects when the member cannot go on; the process then ends and is started again. */
  readonly failed: Promise<never>
}

/**
 * Joins the group and reads from the checkpoints on.
 * @throws what the port throws when the group cannot be joined
 */
export async function startConsumer(options: ConsumerOptions): Promise<RunningConsumer> {
  const { definition, strategy, app, database, clock } = options
  const id = `${definition.name}.v${definition.version}`
  const consumer = options.consumerId ?? id
  const statement = buildCommitStatement([idContribution, parkingContribution, ...strategy.contributions])
  const member = new ConsumerMember({
    ...options,
    consumer,
    topics: new Map(definition.from.map((topic) => [topic.name, topic])),
    checkpoints: new PostgresCheckpoints(database, consumer, statement, () => clock.now()),
    parking: new PostgresParking(database, consumer),
    logger: options.logger.child({ consumer }),
  })
  const group = await options.kafka.joinGroup({
    groupId: options.groupId ?? `${app}.${id}`,
    topics: [...member.topicNames],
    handler: member,
    ...(options.partitionsAtOnce === undefined ? {} : { partitionsAtOnce: options.partitionsAtOnce }),
    ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: options.sessionTimeoutMs }),
  })
  const rounds = member.runParkedRounds(options.parkedEveryMs ?? 1000)
  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    member.stopping()
    await group.stop()
    await rounds
    member.stopped()
  }
  return {
    stop: () => (stopped ??= stop()),
    status: () => member.status(),
    runParkedWork: () => member.runParkedWork(),
    failed: group.failed,
  }
}
