// Schema ids by topic and event type: registered at the first use and kept. A failure is not kept, so the gateway starts
// while the registry is down, and goes on by itself once it is up.
import type { AnyEventType } from '../definition/event-type.ts'
import type { RegistryClient } from '../schema/registry-client.ts'

/** Makes the look-up that `EmitterOptions.schemaId` wants. Subjects are `<topic>-<full name>`. */
export function lazySchemaIds(
  registry: Pick<RegistryClient, 'registerSchema'>,
): (topicName: string, eventType: AnyEventType) => Promise<number> {
  const ids = new Map<string, Promise<number>>()
  return (topicName, eventType) => {
    const subject = `${topicName}-${eventType.fullName}`
    const known = ids.get(subject)
    if (known !== undefined) return known
    const asked = registry.registerSchema(subject, eventType.schema)
    ids.set(subject, asked)
    asked.catch(() => ids.delete(subject))
    return asked
  }
}
