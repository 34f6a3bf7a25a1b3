// Puts a prefix before the name of every topic on its way to Kafka and takes it away on its way back, so that two environments
// can share a cluster and nothing above this port knows.
import type { KafkaPort } from './kafka-port.ts'

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
        reader.read(ranges.map(put), (batch) => onBatch({ ...take(batch), records: batch.records.map(take) }), signal),
    },
    async createProducer() {
      const producer = await kafka.createProducer()
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
          batch: (batch, signal) => handler.batch({ ...take(batch), records: batch.records.map(take) }, signal),
          revoked: (partitions) => handler.revoked(partitions.map(take)),
        },
      })
      return { stop: () => member.stop(), failed: member.failed, owned: () => member.owned().map(take) }
    },
    close: () => kafka.close(),
  }
}
