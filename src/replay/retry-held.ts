// Tries a short transaction with tight lock timeouts again and again, so that a swap never makes others wait long: what cannot be
// had at once is let go and asked for later, in the other order.
import type { Clock } from '../consumer/clock.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { HoldOrder } from './hold-consumer.ts'

export interface RetryOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The order of the first try. */
  readonly order: HoldOrder
  /** Tries at most. */
  readonly tries: number
  /** Whether an earlier try took effect although its answer was lost. */
  readonly isDone: () => Promise<boolean>
}

export interface Tried {
  /** How many tries it took. */
  readonly tries: number
  /** How long commits of the live consumer waited for the last one at most, in milliseconds. */
  readonly heldMs: number
  /** How long readers did, in milliseconds. */
  readonly closedMs: number
}

/**
 * Runs `attempt` until it succeeds; errors that no try can cure go through at once.
 * @param attempt calls `closing` right before it locks out readers
 */
export async function retryHeld(
  attempt: (order: HoldOrder, closing: () => void) => Promise<void>,
  { clock, signal, order, tries, isDone }: RetryOptions,
): Promise<Tried> {
  let now = order
  for (let tried = 1; ; tried += 1) {
    const began = performance.now()
    let closed = began
    const tell = (): Tried => {
      const ended = performance.now()
      return { tries: tried, heldMs: ended - began, closedMs: ended - closed }
    }
    try {
      await attempt(now, () => (closed = performance.now()))
      return tell()
    } catch (error) {
      if (!(error instanceof MillraceError && error.retriable)) throw error
      if (error.code === 'MILLRACE_COMMIT_UNKNOWN' && (await isDone())) return tell()
      if (tried >= tries || signal.aborted) throw error
      await clock.sleep(Math.min(50 * 2 ** tried, 1000), signal)
      now = now === 'tables first' ? 'checkpoints first' : 'tables first'
    }
  }
}
