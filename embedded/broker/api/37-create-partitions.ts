// CreatePartitions: v0-3
//
// Raises the partition count of a topic. v2: flexible.
// Not supported: replica assignments (ignored: there is one broker).

import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const createPartitions: ApiHandler = {
  key: 37,
  name: 'CreatePartitions',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 2,
  async handle({ body, reply }, broker) {
    const wanted = body.array(() => {
      const name = body.string()
      const count = body.i32()
      body.nullableArray(() => {
        body.array(() => body.i32())
        body.tags()
      })
      body.tags()
      return { name, count }
    })
    body.i32() // timeout
    const validateOnly = body.bool()
    const results = await Promise.all(
      wanted.map(async ({ name, count }) => ({
        name,
        ...(await outcome(() => broker.topics.addPartitions(name, count, validateOnly))),
      })),
    )
    reply.i32(0)
    reply.array(results, ({ name, code, message }) => {
      reply.string(name).i16(code).string(message).tags()
    })
    reply.tags()
  },
}
