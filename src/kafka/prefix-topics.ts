// Puts a prefix before the name of every topic on its way to Kafka and takes it away on its way back, so that two environments
// can share a cluster and nothing above this port knows.
import type { FetchedBatch, KafkaPort } from './kafka-port.ts'
import type { LogRecord } from './record.ts'

/** The same port with prefixed topic names. Groups carry the app's name and are left alone. */
export function prefixTopics(kafka: KafkaPort, prefix: string): KafkaPort {
  if (prefix === '') return kafka
  const put = <T extends { readonly topic: string }>(item: T): T => ({ ...item, topic: prefix + item.topic })
  const take = <T extends { readonly topic: string }>(item: T): T => ({
    ...item,
    topic: item.topic.slice(prefix.length),
  })
  const { admin, reader } = kafka
  return {
    admin: {
      create: (topics) => admin.create(topics.map((topic) => ({ ...topic, name: prefix + topic.name }))),
      describe: async (names) =>
        (await admin.describe(names?.map((name) => prefix + name)))
          .filter(({ name }) => name.startsWith(prefix))
          .map((topic) => ({ ...topic, name: topic.name.slice(prefix.length) })),
      delete: (names) => admin.delete(names.map((name) => prefix + name)),
      watermarks: (topic) => admin.watermarks(prefix + topic),
      offsetsAt: (topic, timeMs) => admin.offsetsAt(prefix + topic, timeMs),
      committed: async (groupId, topics) =>
        (
          await admin.committed(
            groupId,
            topics.map((topic) => prefix + topic),
          )
        ).map(take),
      deleteGroup: (groupId) => admin.deleteGroup(groupId),
    },
    reader: {
      read: (ranges, onBatch, signal) =>
        reader.read(ranges.map(put), (batch) => onBatch(takeBatch(batch, prefix)), signal),
    },
    async createProducer(options) {
      const producer = await kafka.createProducer(options)
      return {
        send: async (records) => (await producer.send(records.map(put))).map(take),
        close: () => producer.close(),
      }
    },
    async joinGroup(options) {
      const { handler } = options
      const member = await kafka.joinGroup({
        ...options,
        topics: options.topics.map((topic) => prefix + topic),
        handler: {
          assigned: async (partitions, signal) => (await handler.assigned(partitions.map(take), signal)).map(put),
          batch: (batch, signal) => handler.batch(takeBatch(batch, prefix), signal),
          revoked: (partitions) => handler.revoked(partitions.map(take)),
        },
      })
      return { stop: () => member.stop(), failed: member.failed, owned: () => member.owned().map(take) }
    },
    close: () => kafka.close(),
  }
}

/**
 * Records are renamed in place: they were made for this batch alone, and a copy would lose what a record decodes only when it
 * is asked for (its headers).
 */
function takeBatch(batch: FetchedBatch, prefix: string): FetchedBatch {
  const topic = batch.topic.slice(prefix.length)
  for (const record of batch.records as (LogRecord & { topic: string })[]) record.topic = topic
  return { ...batch, topic }
}
