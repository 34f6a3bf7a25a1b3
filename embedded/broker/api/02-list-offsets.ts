// ListOffsets: v1-7
//
// Earliest (-2), latest (-1: the high watermark), the highest timestamp (-3, from v7), or the first record at or after a
// time; -1 where no record is. v6: flexible.
// Not supported: leader epoch checks, the offsets of tiered storage (v8 and later).

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ApiHandler, BrokerState } from './api-handler.ts'
import { outcome } from './outcome.ts'

const LATEST = -1
const EARLIEST = -2
const HIGHEST_TIMESTAMP = -3

type Place = { readonly offset: number; readonly timestamp: number }

export const listOffsets: ApiHandler = {
  key: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 7,
  flexibleFrom: 6,
  async handle({ version, body, reply }, broker) {
    body.i32() // replica id
    if (version >= 2) body.i8() // isolation level: without transactions both see the same
    const wanted = body.array(() => {
      const name = body.string()
      const partitions = body.array(() => {
        const partition = body.i32()
        if (version >= 4) body.i32() // current leader epoch
        const timestamp = body.i64()
        body.tags()
        return { partition, timestamp }
      })
      body.tags()
      return { name, partitions }
    })
    const topics = await Promise.all(
      wanted.map(async ({ name, partitions }) => ({
        name,
        answers: await Promise.all(
          partitions.map(async ({ partition, timestamp }) => {
            let place: Place = { offset: -1, timestamp: -1 }
            const { code } = await outcome(async () => {
              place = await findPlace(broker, name, partition, timestamp, version)
            })
            return { partition, code, place }
          }),
        ),
      })),
    )
    if (version >= 2) reply.i32(0)
    reply.array(topics, ({ name, answers }) => {
      reply.string(name)
      reply.array(answers, ({ partition, code, place }) => {
        reply.i32(partition).i16(code).i64(place.timestamp).i64(place.offset)
        if (version >= 4) reply.i32(code === errorCode.none && place.offset >= 0 ? 0 : -1)
        reply.tags()
      })
      reply.tags()
    })
    reply.tags()
  },
}

async function findPlace(
  broker: BrokerState,
  topic: string,
  partition: number,
  timestamp: number,
  version: number,
): Promise<Place> {
  const log = broker.topics.partition(topic, partition)
  const nowhere = { offset: -1, timestamp: -1 }
  if (timestamp === LATEST) return { offset: log.highWatermark, timestamp: -1 }
  if (timestamp === EARLIEST) return { offset: log.logStartOffset, timestamp: -1 }
  if (timestamp === HIGHEST_TIMESTAMP && version >= 7) return (await log.findHighestTime()) ?? nowhere
  if (timestamp < 0) {
    throw new ProtocolError(
      errorCode.unsupportedVersion,
      `Timestamp ${timestamp} has no meaning in version ${version}.`,
    )
  }
  return (await log.findByTime(timestamp)) ?? nowhere
}
