// OffsetCommit: v2-8
//
// Checked against the member's generation, kept on disk before the answer. A commit without member and generation is
// accepted while the group is empty (tools, clients that assign partitions themselves). v6: leader epoch; v8: flexible.
// Not supported: retention times (v2-4, ignored: offsets are kept), static members.

import type { PartitionOffset } from '../group/committed-offsets.ts'
import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const offsetCommit: ApiHandler = {
  key: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 8,
  flexibleFrom: 8,
  async handle({ version, body, reply }, broker) {
    const group = body.string()
    const generation = body.i32()
    const memberId = body.string()
    if (version >= 7) body.nullableString() // group instance id
    if (version <= 4) body.i64() // retention time
    const topics = body.array(() => {
      const topic = body.string()
      const partitions = body.array((): PartitionOffset => {
        const partition = body.i32()
        const offset = body.i64()
        const leaderEpoch = version >= 6 ? body.i32() : -1
        const metadata = body.nullableString()
        body.tags()
        return { topic, partition, offset, leaderEpoch, metadata }
      })
      body.tags()
      return { topic, partitions }
    })
    const isKnown = ({ topic, partition }: PartitionOffset): boolean =>
      broker.topics.get(topic)?.partitions[partition] !== undefined
    const { code } = await outcome(() => {
      broker.groups.checkCommit(group, memberId, generation)
      return broker.groups.offsets.commit(
        group,
        topics.flatMap(({ partitions }) => partitions.filter(isKnown)),
      )
    })
    if (version >= 3) reply.i32(0)
    reply.array(topics, ({ topic, partitions }) => {
      reply.string(topic)
      reply.array(partitions, (offset) => {
        const unknown = code === errorCode.none && !isKnown(offset)
        reply
          .i32(offset.partition)
          .i16(unknown ? errorCode.unknownTopicOrPartition : code)
          .tags()
      })
      reply.tags()
    })
    reply.tags()
  },
}
