// The port's implementation over kafkajs 2.2.4. Nothing is connected before it is used, and every producer, member and reader
// has connections of its own, so that the fault of one is not another's.
import { ClusterLink } from './cluster-link.ts'
import { createClient } from './create-client.ts'
import { createRangeReader } from './create-range-reader.ts'
import { createRecordProducer } from './create-record-producer.ts'
import { createTopicAdmin } from './create-topic-admin.ts'
import { startGroupMember } from './group-member.ts'
import { GroupMembership } from './group-membership.ts'
import type { Logger } from '../observability/logger.ts'
import type { GroupMember, GroupOptions, KafkaPort, RecordProducer } from './kafka-port.ts'
import type { KafkaSettings } from './kafka-settings.ts'
import { maxRecordBytes } from './max-record-bytes.ts'

const SEND_TIMEOUT_MS = 12_000
const SESSION_TIMEOUT_MS = 10_000
const REBALANCE_TIMEOUT_MS = 30_000

/** The connection to a Kafka cluster. Connects when first used; `close` ends whatever was made from it. */
export function connectKafka(settings: KafkaSettings, logger: Logger): KafkaPort {
  const newClient = (): ReturnType<typeof createClient> => createClient(settings, logger)
  const requestTimeoutMs = settings.requestTimeoutMs ?? 10_000
  const administration = createTopicAdmin(newClient, settings.replicationFactor ?? 1)
  const open = new Set<() => Promise<void>>()

  const joinGroup = (options: GroupOptions): GroupMember => {
    const { groupId, topics, handler } = options
    const sessionTimeoutMs = options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS
    const rebalanceTimeoutMs = Math.max(REBALANCE_TIMEOUT_MS, sessionTimeoutMs)
    const link = new ClusterLink(newClient, topics)
    const member = startGroupMember({
      groupId,
      handler,
      logger,
      link,
      membership: new GroupMembership(link, { groupId, topics, sessionTimeoutMs, rebalanceTimeoutMs }),
      partitionsAtOnce: options.partitionsAtOnce ?? 4,
      maxBytesPerPartition: options.maxBytesPerPartition ?? 1024 * 1024,
      requestTimeoutMs,
      sessionTimeoutMs,
      heartbeatEveryMs: Math.min(1_000, sessionTimeoutMs / 4),
      // Less than the group waits, so that a member whose batch does not end is still in it.
      drainMs: rebalanceTimeoutMs * 0.8,
    })
    const stop = async (): Promise<void> => {
      open.delete(stop)
      await member.stop()
    }
    open.add(stop)
    return { stop, failed: member.failed, owned: () => member.owned() }
  }

  return {
    admin: administration.admin,
    reader: createRangeReader({ createClient: newClient, logger, requestTimeoutMs }),
    createProducer: (options) => {
      const sendTimeoutMs = options?.sendTimeoutMs ?? SEND_TIMEOUT_MS
      const producer = createRecordProducer({
        createClient: newClient,
        logger,
        sendTimeoutMs,
        maxRecordBytes,
      })
      const close = async (): Promise<void> => {
        open.delete(close)
        await producer.close()
      }
      open.add(close)
      const tracked: RecordProducer = { send: (records) => producer.send(records), close }
      return Promise.resolve(tracked)
    },
    joinGroup: (options) => Promise.resolve(joinGroup(options)),
    close: async () => {
      await Promise.all([...open].map((end) => end()))
      await administration.close()
    },
  }
}
