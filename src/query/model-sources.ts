// Which consumers write a model, and from which topics: what an answer's position means, and what `after` waits for.
import type { Consumer, Definitions } from '../definition/definitions.ts'
import { consumersOf } from '../definition/consumers-of.ts'
import { modelsOf } from '../definition/models-of.ts'

/** A consumer that writes a model. */
export interface ModelSource {
  /** Its name in millrace.checkpoint, `<name>.v<version>`. */
  readonly consumer: string
  /** Names of its topics as checkpoints and tokens have them: the app's prefix is known to the Kafka port only. */
  readonly topics: readonly string[]
}

/** The consumers of each model that has any. */
export function modelSources(definitions: Definitions): ReadonlyMap<string, readonly ModelSource[]> {
  const sources = new Map<string, ModelSource[]>()
  for (const consumer of consumersOf(definitions)) {
    for (const model of modelsOf(consumer)) {
      const found = sources.get(model) ?? []
      sources.set(model, [...found, sourceOf(consumer)])
    }
  }
  return sources
}

function sourceOf(consumer: Consumer): ModelSource {
  return {
    consumer: `${consumer.name}.v${consumer.version}`,
    topics: consumer.from.map(({ name }) => name),
  }
}
