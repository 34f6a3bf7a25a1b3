// The identity of a record's event. It is read before anything else, since a repeat is dropped without looking further.
import { readText } from './read-text.ts'

/** A record's place in the log and its headers, each with its first value. */
export interface HeadedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly headers: Readonly<Record<string, Buffer | undefined>>
}

/** Longer ids are not taken: ids are kept beside every checkpoint. */
export const maxIdLength = 200

/** The record's `ce_id`; where that is missing, empty, too long or no UTF-8, its position, which is as lasting as the log. */
export function decodeEventId(record: HeadedRecord): string {
  const id = readText(record.headers['ce_id'], maxIdLength)
  return id ?? `${record.topic}:${record.partition}:${record.offset}`
}
