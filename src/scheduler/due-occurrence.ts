// Which occurrence of a plan is fired when it is due, and what becomes of those that were missed.
import type { SchedulePlan } from '../definition/define-producer.ts'
import { nextOccurrence } from './next-occurrence.ts'

/** An occurrence that is late by more than this was missed: no scheduler ran when it was due. */
const missedAfterMs = 60_000

/**
 * The moment to fire for a plan that was due at `dueAt`: itself, or, when it was missed, what its policy says: the last missed
 * occurrence (`once`) or none (`skip`).
 */
export function dueOccurrence(plan: SchedulePlan, dueAt: Date, now: Date): Date | null {
  if (now.getTime() - dueAt.getTime() <= missedAfterMs) return dueAt
  if (plan.misfire === 'skip') return null
  let last = dueAt
  for (let next = nextOccurrence(plan, last); next !== null && next <= now; next = nextOccurrence(plan, last))
    last = next
  return last
}
