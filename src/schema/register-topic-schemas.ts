// Makes sure, once at the start, that every event type of every topic has its schema in the registry. Subjects are
// `<topic>-<record's full name>`, so that several event types may share a topic and each evolves by itself.
import type { AnyTopic } from '../definition/define-topic.ts'
import type { AnyEventType } from '../definition/event-type.ts'
import type { RegistryClient } from './registry-client.ts'

/** The schema ids of the event types of topics. */
export class SchemaIds {
  readonly #ids: ReadonlyMap<string, number>

  constructor(ids: ReadonlyMap<string, number>) {
    this.#ids = ids
  }

  /** The id under which an event of a topic is written; undefined where the pair was not registered. */
  of(topic: AnyTopic, eventType: AnyEventType): number | undefined {
    return this.#ids.get(subjectOf(topic.name, eventType.fullName))
  }
}

/**
 * Registers the schemas of topics, all those of one topic at once.
 * @param topics each with its name as it is in Kafka, prefix included
 * @throws MillraceError MILLRACE_REGISTRY_UNAVAILABLE (retriable) or MILLRACE_SCHEMA_REFUSED
 */
export async function registerTopicSchemas(
  registry: Pick<RegistryClient, 'registerSchema'>,
  topics: readonly AnyTopic[],
): Promise<SchemaIds> {
  const ids = new Map<string, number>()
  for (const topic of topics) {
    const events = topic.events as readonly AnyEventType[]
    await Promise.all(
      events.map(async (eventType) => {
        const subject = subjectOf(topic.name, eventType.fullName)
        ids.set(subject, await registry.registerSchema(subject, eventType.schema))
      }),
    )
  }
  return new SchemaIds(ids)
}

function subjectOf(topicName: string, fullName: string): string {
  return `${topicName}-${fullName}`
}
