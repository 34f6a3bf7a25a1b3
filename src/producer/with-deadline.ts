// Answers a client within a bounded time, whatever the broker, the registry or the database do. What has begun goes on in the
// background to its own end; what has not begun sees `isOver` and does not begin.
import { MillraceError } from '../errors/millrace-error.ts'

/** Runs `work`; rejects with the retriable `MILLRACE_EMIT_UNAVAILABLE` when it takes longer than `timeoutMs`. */
export async function withDeadline<T>(timeoutMs: number, work: (isOver: () => boolean) => Promise<T>): Promise<T> {
  let over = false
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over = true
      reject(
        new MillraceError(
          'MILLRACE_EMIT_UNAVAILABLE',
          `The events were not acknowledged within ${timeoutMs} ms. Send the same request again: its ids make sure that it takes effect once.`,
          { retriable: true },
        ),
      )
    }, timeoutMs)
  })
  try {
    const running = work(() => over)
    // It may fail after the deadline, when nobody waits for it any more.
    running.catch(() => undefined)
    return await Promise.race([running, deadline])
  } finally {
    clearTimeout(timer)
  }
}
