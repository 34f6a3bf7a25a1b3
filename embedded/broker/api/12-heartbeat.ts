// Heartbeat: v0-4
//
// Restarts the member's session; REBALANCE_IN_PROGRESS tells it to join again. v4: flexible.
// Not supported: static members.

import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const heartbeat: ApiHandler = {
  key: 12,
  name: 'Heartbeat',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  async handle({ version, body, reply }, broker) {
    const group = body.string()
    const generation = body.i32()
    const memberId = body.string()
    const { code } = await outcome(() => {
      broker.groups.forMember(group).heartbeat(memberId, generation)
    })
    if (version >= 1) reply.i32(0)
    reply.i16(code).tags()
  },
}
