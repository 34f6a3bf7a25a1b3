// OffsetFetch: v1-8
//
// Offset -1 where nothing was committed. v2: null topics mean all that the group has; v6: flexible; v8: several groups.
// Not supported: require_stable has nothing to wait for without transactions.

import type { CommittedOffset } from '../group/committed-offsets.ts'
import { errorCode } from '../wire/error-code.ts'
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import type { ApiHandler, BrokerState } from './api-handler.ts'

type WantedTopic = { readonly topic: string; readonly partitions: readonly number[] }

const NOTHING_COMMITTED: CommittedOffset = { offset: -1, leaderEpoch: -1, metadata: '' }

export const offsetFetch: ApiHandler = {
  key: 9,
  name: 'OffsetFetch',
  minVersion: 1,
  maxVersion: 8,
  flexibleFrom: 6,
  handle({ version, body, reply }, broker) {
    if (version >= 3) reply.i32(0)
    if (version >= 8) {
      const wanted = body.array(() => {
        const group = body.string()
        const topics = readTopics(body)
        body.tags()
        return { group, topics }
      })
      reply.array(wanted, ({ group, topics }) => {
        reply.string(group)
        writeTopics(reply, broker, group, topics, version)
        reply.i16(errorCode.none).tags()
      })
    } else {
      const group = body.string()
      writeTopics(reply, broker, group, readTopics(body), version)
      if (version >= 2) reply.i16(errorCode.none)
    }
    reply.tags()
  },
}

function readTopics(body: Reader): WantedTopic[] | null {
  return body.nullableArray(() => {
    const topic = body.string()
    const partitions = body.array(() => body.i32())
    body.tags()
    return { topic, partitions }
  })
}

function writeTopics(
  reply: Writer,
  broker: BrokerState,
  group: string,
  wanted: readonly WantedTopic[] | null,
  version: number,
): void {
  const { offsets } = broker.groups
  reply.array(wanted ?? everything(broker, group), ({ topic, partitions }) => {
    reply.string(topic)
    reply.array(partitions, (partition) => {
      const committed = offsets.get(group, topic, partition) ?? NOTHING_COMMITTED
      reply.i32(partition).i64(committed.offset)
      if (version >= 5) reply.i32(committed.leaderEpoch)
      reply.string(committed.metadata).i16(errorCode.none).tags()
    })
    reply.tags()
  })
}

function everything(broker: BrokerState, group: string): WantedTopic[] {
  const partitionsOf = new Map<string, number[]>()
  for (const { topic, partition } of broker.groups.offsets.all(group)) {
    partitionsOf.set(topic, [...(partitionsOf.get(topic) ?? []), partition])
  }
  return [...partitionsOf].map(([topic, partitions]) => ({ topic, partitions }))
}
