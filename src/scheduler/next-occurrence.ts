// When a plan fires, by its cron expression and time zone, and what becomes of occurrences that were missed.
import { Cron } from 'croner'
import type { SchedulePlan } from '../definition/define-producer.ts'
import { MillraceError } from '../errors/millrace-error.ts'

/**
 * The first moment after `after` at which the plan is due, or null if it never is again.
 * @throws MillraceError `MILLRACE_CRON_INVALID` when the expression or the time zone cannot be read
 */
export function nextOccurrence(plan: SchedulePlan, after: Date): Date | null {
  try {
    return new Cron(plan.cron, { timezone: plan.timeZone ?? 'UTC' }).nextRun(after)
  } catch (error) {
    throw new MillraceError(
      'MILLRACE_CRON_INVALID',
      `plan ${plan.id}: cron '${plan.cron}' in time zone '${plan.timeZone ?? 'UTC'}' cannot be read: ${(error as Error).message}`,
      { cause: error },
    )
  }
}
