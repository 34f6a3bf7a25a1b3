// The identity of an occurrence: the same whoever fires it, and however often.
import { uuid5 } from '../envelope/uuid5.ts'

/** A UUID of producer, plan and due time. */
export function deriveOccurrenceId(producer: string, plan: string, dueAt: Date): string {
  return uuid5('occurrence', producer, plan, dueAt.toISOString())
}
