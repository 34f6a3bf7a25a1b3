// OffsetDelete: v0
//
// Forgets committed offsets of a group without members.
// Not supported: deletion in a group that has members but does not subscribe to the topic (answered NON_EMPTY_GROUP).

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const offsetDelete: ApiHandler = {
  key: 47,
  name: 'OffsetDelete',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: Number.POSITIVE_INFINITY,
  async handle({ body, reply }, broker) {
    const id = body.string()
    const topics = body.array(() => ({ topic: body.string(), partitions: body.array(() => body.i32()) }))
    const { code } = await outcome(() => {
      const group = broker.groups.find(id)
      if (!group) throw new ProtocolError(errorCode.groupIdNotFound, `There is no group '${id}'.`)
      if (group.members().length > 0) throw new ProtocolError(errorCode.nonEmptyGroup, `Group ${id} has members.`)
      const names = topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
      return broker.groups.offsets.forget(id, names)
    })
    reply.i16(code).i32(0)
    reply.array(topics, ({ topic, partitions }) => {
      reply.string(topic)
      reply.array(partitions, (partition) => reply.i32(partition).i16(code))
    })
  },
}
