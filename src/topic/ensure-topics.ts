// Creates the topics that definitions describe, with the app's prefix, and checks that those which exist fit.
import type { AnyTopic } from '../definition/define-topic.ts'
import type { TopicAdmin, TopicSpec } from '../kafka/kafka-port.ts'

/**
 * Creates the topics that are missing and waits until they can be written.
 * Raises `MILLRACE_TOPIC_PARTITIONS` when one exists with another number of partitions, `MILLRACE_KAFKA_UNAVAILABLE`
 * when no broker answers.
 */
export async function ensureTopics(admin: TopicAdmin, topics: readonly AnyTopic[], prefix: string): Promise<void> {
  await admin.create(topics.map((topic) => topicSpec(topic, prefix)))
}

/** How a topic is to be made: records are kept for ever unless its definition says otherwise. */
export function topicSpec(topic: AnyTopic, prefix: string): TopicSpec {
  const configs: Record<string, string> = { 'cleanup.policy': topic.cleanup }
  if (topic.cleanup === 'delete') configs['retention.ms'] = String(topic.retentionMs ?? -1)
  return { name: `${prefix}${topic.name}`, partitions: topic.partitions, configs }
}
