// Time as an argument, so that waiting can be tested without waiting.

export interface Clock {
  now(): Date
  /** Resolves after `ms` milliseconds, or at once when the signal is aborted. It never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}
