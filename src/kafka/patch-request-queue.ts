// kafkajs keeps a timer of about 1 ms alive per connection, even an idle one (ten idle producers burn 5 % of a core), and from
// Node 24 on each of them prints a TimeoutNegativeWarning. The cure is to plan the check only while a request is waiting for
// the throttle; requests waiting for a free slot are sent when an answer arrives. Applied once to the class, since kafkajs
// makes its queues itself. The package has no "exports" map, so the file can be reached; the version is pinned.
import { createRequire } from 'node:module'

interface RequestQueue {
  pending: readonly unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

const RETRY_WITHOUT_THROTTLE_MS = 10

/** Replaces the timer loop of kafkajs's request queue. Safe to call again. */
export function patchRequestQueue(): void {
  const load = createRequire(import.meta.url)
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
  prototype.scheduleCheckPendingRequests = scheduleOnlyWhenPending
}

function scheduleOnlyWhenPending(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return
  const throttledForMs = this.throttledUntil - Date.now()
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    throttledForMs > 0 ? throttledForMs : RETRY_WITHOUT_THROTTLE_MS,
  )
}
