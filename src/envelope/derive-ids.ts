// Ids of the events that a worker or a processor sends for one input. They depend on nothing but the input and the outputs, so a
// crash that repeats the input repeats the ids, and the next consumer drops the repeats.
import { uuid5 } from './uuid5.ts'

/** What tells an output from the others of the same input. */
export interface Output {
  /** The full name of the event type; null for a tombstone. */
  readonly type: string | null
  readonly topic: string
  readonly key: string | null
}

/**
 * Derives an id for each output: from the input's id, the consumer's name, the output's type, topic and key, and its place among
 * outputs that agree in all of these.
 */
export function deriveIds(inputId: string, consumer: string, outputs: readonly Output[]): readonly string[] {
  const places = new Map<string, number>()
  return outputs.map(({ type, topic, key }) => {
    const like = JSON.stringify([type, topic, key])
    const place = places.get(like) ?? 0
    places.set(like, place + 1)
    return uuid5('output', inputId, consumer, type, topic, key, place)
  })
}
