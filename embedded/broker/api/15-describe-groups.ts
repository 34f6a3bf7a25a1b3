// DescribeGroups: v0-5
//
// State, assignor and members of each group; a group that nobody knows is Dead. v5: flexible.
// Not supported: authorized operations (always reported as unknown).

import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler } from './api-handler.ts'

const UNKNOWN_OPERATIONS = -2147483648
const NOTHING = Buffer.alloc(0)

export const describeGroups: ApiHandler = {
  key: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 5,
  handle({ version, body, reply }, broker) {
    const ids = body.array(() => body.string())
    if (version >= 1) reply.i32(0)
    reply.array(ids, (id) => {
      const group = broker.groups.find(id)
      reply.i16(errorCode.none).string(id)
      reply
        .string(group?.state ?? 'Dead')
        .string(group?.protocolType ?? '')
        .string(group?.protocol ?? '')
      reply.array(group?.members() ?? [], (member) => {
        const chosen = member.protocols.find(({ name }) => name === group?.protocol)
        reply.string(member.id)
        if (version >= 4) reply.string(null)
        reply.string(member.clientId).string(member.clientHost)
        reply
          .bytes(chosen?.metadata ?? NOTHING)
          .bytes(member.assignment)
          .tags()
      })
      if (version >= 3) reply.i32(UNKNOWN_OPERATIONS)
      reply.tags()
    })
    reply.tags()
  },
}
