// Time as an argument: session timeouts, long polls and the flush interval ask this, so that a test can turn the hands.

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `action` once after `delayMs`; the returned function takes it back. */
  after(delayMs: number, action: () => void): () => void
}

/** The system's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    timer.unref()
    return () => {
      clearTimeout(timer)
    }
  },
}
