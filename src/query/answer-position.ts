// The position that an answer reflects: how far the consumers of what was read had come, from the same snapshot as the rows.
import type { Position } from '../kafka/record.ts'
import type { PositionTokens } from '../topic/position-token.ts'
import type { ModelSource } from './model-sources.ts'

/** A position as answers carry it. */
export interface AnswerPosition {
  /** Given back as `after=`, it makes a later read at least as new, on any model of the same topics. */
  readonly token: string
  /** The next offset by `<topic>-<partition>`: every event before it is in the answer. */
  readonly asOf: Readonly<Record<string, string>>
}

/** A checkpoint as statements give it: topic, partition, next offset. */
export type CheckpointEntry = readonly [topic: string, partition: number, next: string]

/** Makes the position of an answer. Where several consumers read a partition, the one that is furthest behind counts. */
export function answerPosition(
  checkpoints: readonly CheckpointEntry[],
  sources: readonly ModelSource[],
  tokens: PositionTokens,
): AnswerPosition {
  const topics = new Set(sources.flatMap((source) => source.topics))
  const least = new Map<string, Position>()
  for (const [topic, partition, text] of checkpoints) {
    if (!topics.has(topic)) continue
    const name = `${topic}-${partition}`
    const offset = BigInt(text)
    const known = least.get(name)
    if (known === undefined || offset < known.offset) least.set(name, { topic, partition, offset })
  }
  const names = [...least.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return {
    token: tokens.ofReached([...least.values()]),
    asOf: Object.fromEntries(names.map((name) => [name, (least.get(name) as Position).offset.toString()])),
  }
}
