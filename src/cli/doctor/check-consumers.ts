// Looks at the consumers: do they move, and what have they parked?
import type { ConsumerState } from '../consumer-states.ts'
import type { Finding } from './finding.ts'

/** A consumer with lag whose checkpoints have not moved for so long stands still. */
const STILL_MS = 60_000

export function checkConsumers(states: readonly ConsumerState[], now: Date): readonly Finding[] {
  return states.map((state): Finding => {
    const subject = `consumer ${state.consumer}`
    const detail = `lag ${state.lag}, applied ${state.applied}, waiting ${state.waiting}, parked ${state.parked}`
    const isStill = state.movedAt === null || now.getTime() - state.movedAt.getTime() > STILL_MS
    if (state.lag > 0n && isStill) {
      const since = state.movedAt === null ? 'it never moved' : `it has not moved since ${state.movedAt.toISOString()}`
      return { subject, state: 'fail', detail: `${detail}; ${since}`, fix: 'see that a process runs it, and its log' }
    }
    if (state.live !== state.version) {
      const fix = `\`millrace rebuild ${state.consumer}\` makes version ${state.version} the live one`
      return { subject, state: 'warn', detail: `${detail}; version ${state.version} idles, ${state.live} is live`, fix }
    }
    if (state.parked > 0n) {
      return { subject, state: 'warn', detail, fix: `\`millrace parked list --consumer ${state.consumer}\` tells why` }
    }
    return { subject, state: 'ok', detail }
  })
}
