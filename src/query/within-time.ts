// Bounds how long a client waits for the database, also for one that hangs and answers nothing, which no limit of the server ends.
// The work itself goes on: only the waiting is over.
import { MillraceError } from '../errors/millrace-error.ts'

/** Gives back what `work` does; rejects with the retriable `MILLRACE_DATABASE_UNAVAILABLE` when that takes longer than `ms`. */
export async function withinTime<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const why = `The database did not answer a query within ${ms} ms (MILLRACE_QUERY_TIMEOUT_MS). Look at its load and its log.`
      reject(new MillraceError('MILLRACE_DATABASE_UNAVAILABLE', why, { retriable: true }))
    }, ms)
  })
  // It may fail when nobody waits for it any more.
  work.catch(() => undefined)
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}
