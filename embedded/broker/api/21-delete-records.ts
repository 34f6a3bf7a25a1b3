// DeleteRecords: v0-2
//
// Moves the log start offset of a partition up to an offset, -1 for the high watermark; whole segments before it are
// removed from disk. v2: flexible.

import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const deleteRecords: ApiHandler = {
  key: 21,
  name: 'DeleteRecords',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  async handle({ body, reply }, broker) {
    const wanted = body.array(() => {
      const name = body.string()
      const partitions = body.array(() => {
        const place = { partition: body.i32(), offset: body.i64() }
        body.tags()
        return place
      })
      body.tags()
      return { name, partitions }
    })
    const topics = await Promise.all(
      wanted.map(async ({ name, partitions }) => ({
        name,
        answers: await Promise.all(
          partitions.map(async ({ partition, offset }) => {
            let low = -1
            const { code } = await outcome(async () => {
              const log = broker.topics.partition(name, partition)
              low = await log.deleteRecordsBefore(offset === -1 ? log.highWatermark : offset)
            })
            return { partition, low, code }
          }),
        ),
      })),
    )
    reply.i32(0)
    reply.array(topics, ({ name, answers }) => {
      reply.string(name)
      reply.array(answers, ({ partition, low, code }) => {
        reply.i32(partition).i64(low).i16(code).tags()
      })
      reply.tags()
    })
    reply.tags()
  },
}
