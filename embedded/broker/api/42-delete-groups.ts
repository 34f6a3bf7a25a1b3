// DeleteGroups: v0-2
//
// Deletes groups without members, and their committed offsets. v2: flexible.

import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const deleteGroups: ApiHandler = {
  key: 42,
  name: 'DeleteGroups',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  async handle({ body, reply }, broker) {
    const ids = body.array(() => body.string())
    const results = await Promise.all(
      ids.map(async (id) => ({ id, ...(await outcome(() => broker.groups.delete(id))) })),
    )
    reply.i32(0)
    reply.array(results, ({ id, code }) => {
      reply.string(id).i16(code).tags()
    })
    reply.tags()
  },
}
