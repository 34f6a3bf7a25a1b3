// Health of one process. Ready: every part says that it can work. Live: no part has been at work for longer than it may
// without progress. A part that has nothing to do is live, and so is one that waits for an outage to end and says so.

/** One part of a process: a loop, a connection, a server. */
export interface HealthPart {
  /** Work begins, or goes on: the time until the next call is measured. */
  progress(): void
  /** Nothing to do: silence is no fault from now on. */
  idle(): void
  /** Can it do its work now? The reason is shown at /health/ready. */
  ready(isReady: boolean, reason?: string): void
}

/** What one part looks like from outside. */
export interface PartState {
  readonly name: string
  readonly ready: boolean
  readonly live: boolean
  readonly reason?: string
}

/** The health of the process at this moment. */
export interface HealthReport {
  readonly ready: boolean
  readonly live: boolean
  readonly parts: readonly PartState[]
}

export interface Health {
  /** Registers a part; it is not ready until it says so. A second part of the same name replaces the first. */
  part(
    name: string,
    options?: {
      /** Work without progress for longer is a fault, in milliseconds (default: 60,000). */ readonly stallMs?: number
    },
  ): HealthPart
  report(): HealthReport
}

interface Tracked {
  readonly stallMs: number
  busySince: number | null
  isReady: boolean
  reason: string | undefined
}

/** Makes the health of a process. @param now monotonic milliseconds */
export function createHealth(now: () => number = () => performance.now()): Health {
  const parts = new Map<string, Tracked>()
  return {
    part(name, { stallMs = 60_000 } = {}) {
      const tracked: Tracked = { stallMs, busySince: null, isReady: false, reason: 'starting' }
      parts.set(name, tracked)
      return {
        progress: () => void (tracked.busySince = now()),
        idle: () => void (tracked.busySince = null),
        ready(isReady, reason) {
          tracked.isReady = isReady
          tracked.reason = isReady ? undefined : reason
        },
      }
    },
    report() {
      const states = [...parts].map(([name, part]): PartState => {
        const silent = part.busySince === null ? 0 : now() - part.busySince
        const live = silent <= part.stallMs
        const reason = live ? part.reason : `no progress for ${Math.round(silent / 1000)} s`
        return { name, ready: part.isReady && live, live, ...(reason === undefined ? {} : { reason }) }
      })
      return { ready: states.every(({ ready }) => ready), live: states.every(({ live }) => live), parts: states }
    },
  }
}
