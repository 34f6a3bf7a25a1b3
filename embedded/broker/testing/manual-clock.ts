// A clock whose hands the test turns: timers run when advance() passes them, in the order of their times.

import type { Clock } from '../clock.ts'

export class ManualClock implements Clock {
  #now = 1_000_000
  #timers: { at: number; action: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { at: this.#now + delayMs, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Turns the hands and lets everything that was answered run to its end. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#now = Math.max(this.#now, due.at)
      due.action()
    }
    this.#now = until
  }
}
