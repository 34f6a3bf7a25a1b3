// ListGroups: v0-4
//
// Groups with members, and empty ones that have committed offsets. v3: flexible; v4: filter by state.

import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler } from './api-handler.ts'

export const listGroups: ApiHandler = {
  key: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  handle({ version, body, reply }, broker) {
    const states = version >= 4 ? body.array(() => body.string().toLowerCase()) : []
    const groups = broker.groups
      .all()
      .filter(({ state }) => states.length === 0 || states.includes(state.toLowerCase()))
    if (version >= 1) reply.i32(0)
    reply.i16(errorCode.none)
    reply.array(groups, ({ id, protocolType, state }) => {
      reply.string(id).string(protocolType)
      if (version >= 4) reply.string(state)
      reply.tags()
    })
    reply.tags()
  },
}
