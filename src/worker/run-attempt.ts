// One attempt of a worker's handler: bounded in time, cancelled with its signal, and its failure put into a class. It never
// rejects. A handler that ignores its signal is left behind when its time is up; what it returns later is dropped.
import type { Worker, WorkerContext } from '../definition/define-worker.ts'
import type { Event } from '../definition/event-type.ts'
import { PermanentFailure } from '../definition/permanent.ts'
import { RetryAfter } from '../definition/retry-after.ts'
import type { Emission } from '../definition/send.ts'
import { failureOf } from '../errors/failure-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'

/** How an attempt ended. `aborted`: the process stops or the partition is lost, so the attempt does not count. */
export type AttemptResult =
  | { readonly kind: 'done'; readonly emissions: readonly Emission[] }
  | { readonly kind: 'aborted' }
  | {
      readonly kind: 'failed'
      readonly permanent: boolean
      readonly code: string
      readonly detail: string
      /** The waiting time that the outside asked for, in milliseconds. */
      readonly retryAfterMs: number | null
    }

type Timer = (ms: number, then: () => void) => { cancel(): void }

export interface AttemptSurroundings extends Pick<WorkerContext, 'attempt' | 'idempotencyKey' | 'now' | 'log'> {
  /** Aborted when the process stops or the partition is lost. */
  readonly signal: AbortSignal
  readonly startTimer: Timer
}

/** Runs the handler of one event once. */
export function runAttempt(worker: Worker, event: Event, surroundings: AttemptSurroundings): Promise<AttemptResult> {
  const { signal, startTimer, ...context } = surroundings
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' })
  const handler = worker.handle[event.type]
  if (handler === undefined)
    return Promise.resolve(
      failed(true, 'MILLRACE_NO_HANDLER', `worker ${worker.name} has no handler for ${event.type}`),
    )

  const cancelling = new AbortController()
  return new Promise((resolve) => {
    const end = (result: AttemptResult): void => {
      timer.cancel()
      signal.removeEventListener('abort', abort)
      resolve(result)
    }
    const abort = (): void => {
      cancelling.abort(signal.reason)
      end({ kind: 'aborted' })
    }
    const timer = startTimer(worker.timeoutMs, () => {
      const detail = `attempt ${context.attempt} was not done after ${worker.timeoutMs} ms`
      cancelling.abort(new MillraceError('MILLRACE_WORK_TIMEOUT', detail))
      end(failed(false, 'MILLRACE_WORK_TIMEOUT', detail))
    })
    signal.addEventListener('abort', abort, { once: true })
    // The handler is called inside a promise, so that a handler that throws at once fails like one that rejects.
    void Promise.resolve()
      .then(() => handler(event as never, { ...context, signal: cancelling.signal }))
      .then(
        (emissions) => end({ kind: 'done', emissions }),
        (error: unknown) => end(classify(error)),
      )
  })
}

function failed(permanent: boolean, code: string, detail: string, retryAfterMs: number | null = null): AttemptResult {
  return { kind: 'failed', permanent, code, detail, retryAfterMs }
}

/** Everything that is not said to be permanent may pass: a handler's own bug is tried again too, then parked. */
function classify(error: unknown): AttemptResult {
  if (error instanceof PermanentFailure) return failed(true, error.code, error.message)
  if (error instanceof RetryAfter) return failed(false, error.code, error.message, error.delayMs)
  const { code, detail } = failureOf(error)
  return failed(false, code, detail)
}
