// LeaveGroup: v0-4
//
// The others rebalance at once. v3: several members in one request; v4: flexible.
// Not supported: static members.

import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const leaveGroup: ApiHandler = {
  key: 13,
  name: 'LeaveGroup',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  async handle({ version, body, reply }, broker) {
    const group = body.string()
    const memberIds =
      version < 3
        ? [body.string()]
        : body.array(() => {
            const memberId = body.string()
            body.nullableString() // group instance id
            body.tags()
            return memberId
          })
    const left = await Promise.all(
      memberIds.map(async (memberId) => {
        const { code } = await outcome(() => {
          broker.groups.forMember(group).leave(memberId)
        })
        return { memberId, code }
      }),
    )
    if (version >= 1) reply.i32(0)
    reply.i16(version < 3 ? (left[0]?.code ?? errorCode.none) : errorCode.none)
    if (version >= 3) {
      reply.array(left, ({ memberId, code }) => {
        reply.string(memberId).string(null).i16(code).tags()
      })
    }
    reply.tags()
  },
}
