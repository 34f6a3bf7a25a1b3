// A position token names places in the log: where the events of a request lie, or what an answer reflects. A reader that
// gives it back sees at least that. It holds offsets as runs per partition, so a batch of a thousand events stays short.
import { MillraceError } from '../errors/millrace-error.ts'
import type { Position } from '../kafka/record.ts'
import { signedText } from './signed-text.ts'

/** Offsets of one partition, in order: from `first` to `last`, both included. */
export interface OffsetRun {
  readonly first: bigint
  readonly last: bigint
}

/** What a token says of one partition. */
export interface TokenPartition {
  readonly topic: string
  readonly partition: number
  readonly runs: readonly OffsetRun[]
}

/** What a token says. */
export interface TokenContent {
  /** `events`: these very records; `reached`: everything up to there. */
  readonly kind: 'events' | 'reached'
  readonly partitions: readonly TokenPartition[]
}

/** Makes and reads position tokens. */
export interface PositionTokens {
  /** A token for records that were written. The same records give the same token. */
  ofEvents(positions: readonly Position[]): string
  /** A token for what was reached: each offset is the next one to be read. */
  ofReached(next: readonly Position[]): string
  /** @throws MillraceError `MILLRACE_TOKEN_INVALID` for what is no token of this app */
  read(token: string): TokenContent
}

type Wire = readonly [kind: 'e' | 'r', topics: Readonly<Record<string, Readonly<Record<string, string>>>>]

/** Makes the tokens of an app. @param key see `signedText` */
export function positionTokens(key: Uint8Array): PositionTokens {
  const signed = signedText(key, 'position')
  const issue = (kind: 'e' | 'r', positions: readonly Position[]): string => {
    const offsets: Record<string, Record<string, bigint[]>> = {}
    const inOrder = [...positions].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0))
    for (const { topic, partition, offset } of inOrder) ((offsets[topic] ??= {})[partition] ??= []).push(offset)
    const topics = Object.fromEntries(
      Object.entries(offsets).map(([topic, partitions]) => [
        topic,
        Object.fromEntries(Object.entries(partitions).map(([partition, of]) => [partition, writeRuns(of)])),
      ]),
    )
    return signed.sign(JSON.stringify([kind, topics] satisfies Wire))
  }
  return {
    ofEvents: (positions) => issue('e', positions),
    ofReached: (next) =>
      issue(
        'r',
        next.filter(({ offset }) => offset > 0n).map((position) => ({ ...position, offset: position.offset - 1n })),
      ),
    read(token) {
      const payload = signed.open(token)
      if (payload === null) {
        throw new MillraceError(
          'MILLRACE_TOKEN_INVALID',
          'The position token was not given out by this app, or was changed. Send the token of a 202 or of an answer as it was.',
          { context: { problems: [{ field: 'after', detail: 'expected a position token, as a 202 carries it' }] } },
        )
      }
      const [kind, topics] = JSON.parse(payload) as Wire
      const partitions = Object.entries(topics).flatMap(([topic, runs]) =>
        Object.entries(runs).map(([partition, text]) => ({
          topic,
          partition: Number(partition),
          runs: readRuns(text),
        })),
      )
      return { kind: kind === 'e' ? 'events' : 'reached', partitions }
    },
  }
}

function writeRuns(offsets: readonly bigint[]): string {
  const runs: { first: bigint; last: bigint }[] = []
  for (const offset of [...offsets].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    const run = runs.at(-1)
    if (run !== undefined && offset <= run.last + 1n) run.last = offset
    else runs.push({ first: offset, last: offset })
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

function readRuns(text: string): OffsetRun[] {
  return text.split(',').map((run) => {
    const [first = '0', last = first] = run.split('-')
    return { first: BigInt(first), last: BigInt(last) }
  })
}
