// An event that was being run whenever the process died.
import type { RefusalCause } from './refuse-record.ts'

/** How often an event may take the process with it before it is parked. */
const DEATHS = 3

/** Why an event is parked instead of being run once more, or null when it may run; `attempts` counts this run too. */
export function processDeath(attempts: number): RefusalCause | null {
  if (attempts <= DEATHS) return null
  return {
    reason: 'process-death',
    code: 'PROCESS_DEATH',
    detail: `the process died ${attempts - 1} times while this event ran`,
  }
}
