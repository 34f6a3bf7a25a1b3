// The identity of an occurrence: the same whoever fires it, and however often.
import { createHash } from 'node:crypto'

/** A UUID of producer, plan and due time. */
export function deriveOccurrenceId(producer: string, plan: string, dueAt: Date): string {
  const hash = createHash('sha1').update(`${producer}\n${plan}\n${dueAt.toISOString()}`).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}
