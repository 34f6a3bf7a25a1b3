// Reads `<topic> <partition> <offset>` from a command line.
import type { Position } from '../kafka/record.ts'
import { readWholeNumber } from './read-whole-number.ts'
import { usageError } from './usage-error.ts'

/** The position. @throws MillraceError `MILLRACE_COMMAND_USAGE` */
export function readPosition(words: readonly string[]): Position {
  const [topic, partition, offset, ...rest] = words
  if (topic === undefined || rest.length > 0)
    throw usageError(`expected <topic> <partition> <offset>, received '${words.join(' ')}'`)
  return {
    topic,
    partition: Number(readWholeNumber(partition, '<partition>')),
    offset: readWholeNumber(offset, '<offset>'),
  }
}
