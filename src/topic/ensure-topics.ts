// Creates the topics that definitions describe, and checks that those which exist fit. The port puts the prefix before names.
import type { AnyTopic } from '../definition/define-topic.ts'
import type { TopicAdmin, TopicSpec } from '../kafka/kafka-port.ts'

/**
 * Creates the topics that are missing and waits until they can be written.
 * Raises `MILLRACE_TOPIC_PARTITIONS` when one exists with another number of partitions, `MILLRACE_KAFKA_UNAVAILABLE`
 * when no broker answers.
 */
export async function ensureTopics(admin: TopicAdmin, topics: readonly AnyTopic[]): Promise<void> {
  await admin.create(topics.map(topicSpec))
}

/** How a topic is to be made: records are kept for ever unless its definition says otherwise. */
export function topicSpec(topic: AnyTopic): TopicSpec {
  const configs: Record<string, string> = { 'cleanup.policy': topic.cleanup }
  if (topic.cleanup === 'delete') configs['retention.ms'] = String(topic.retentionMs ?? -1)
  return { name: topic.name, partitions: topic.partitions, configs }
}
