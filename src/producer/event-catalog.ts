// Finds an event type and its topic by what an emitter calls them.
import type { AnyTopic } from '../definition/define-topic.ts'
import type { AnyEventType } from '../definition/event-type.ts'

/** An event type with the topic it goes to. */
export interface CatalogEntry {
  readonly eventType: AnyEventType
  readonly topic: AnyTopic
}

/** Looks up event types; a text says what is wrong with the question, and what would be right. */
export interface EventCatalog {
  /** @param type full name, or the short name where only one event has it @param topic name, or null where only one topic carries it */
  find(type: string, topic: string | null): CatalogEntry | { readonly field: 'type' | 'topic'; readonly detail: string }
}

/** Makes the catalogue of a project's topics. */
export function eventCatalog(topics: readonly AnyTopic[]): EventCatalog {
  const entries = topics.flatMap((topic) =>
    (topic.events as readonly AnyEventType[]).map((eventType): CatalogEntry => ({ eventType, topic })),
  )
  const byName = new Map<string, CatalogEntry[]>()
  for (const entry of entries) {
    for (const name of [entry.eventType.fullName, entry.eventType.eventName]) {
      const found = byName.get(name)
      if (found === undefined) byName.set(name, [entry])
      else if (!found.includes(entry)) found.push(entry)
    }
  }
  return {
    find(type, topic) {
      const found = byName.get(type) ?? []
      const fullNames = [...new Set(found.map(({ eventType }) => eventType.fullName))]
      if (found.length === 0) {
        const all = [...new Set(entries.map(({ eventType }) => eventType.eventName))].sort()
        return { field: 'type', detail: `there is no event '${type.slice(0, 100)}'; there are ${all.join(', ')}` }
      }
      if (fullNames.length > 1)
        return { field: 'type', detail: `several events are called ${type}; say which: ${fullNames.join(', ')}` }
      const carrying = topic === null ? found : found.filter((entry) => entry.topic.name === topic)
      const [entry] = carrying
      const names = found.map((entry) => entry.topic.name).join(', ')
      if (entry === undefined)
        return {
          field: 'topic',
          detail: `${type} is not an event of topic '${topic?.slice(0, 100)}'; it goes to ${names}`,
        }
      if (carrying.length > 1)
        return { field: 'topic', detail: `several topics carry ${type}; name one in the attribute topic: ${names}` }
      return entry
    },
  }
}
