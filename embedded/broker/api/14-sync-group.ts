// SyncGroup: v0-4
//
// The leader brings the assignments, the others wait for them. v4: flexible.
// Not supported: static members.

import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const syncGroup: ApiHandler = {
  key: 14,
  name: 'SyncGroup',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  async handle({ version, body, reply }, broker) {
    const group = body.string()
    const generation = body.i32()
    const memberId = body.string()
    if (version >= 3) body.nullableString() // group instance id
    const assignments = body.array(() => {
      const assignedTo = body.string()
      const assignment = body.bytes()
      body.tags()
      return { memberId: assignedTo, assignment }
    })
    let assignment: Buffer = Buffer.alloc(0)
    const { code } = await outcome(async () => {
      assignment = await broker.groups.forMember(group).sync(memberId, generation, assignments)
    })
    if (version >= 1) reply.i32(0)
    reply.i16(code).bytes(assignment).tags()
  },
}
