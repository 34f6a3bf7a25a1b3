// Metadata: v0-9
//
// One broker, which leads every partition and is its controller. Topics are made on demand only when the broker is started
// with autoCreateTopics and the client allows it. v0: an empty list means all topics, later null does; v9: flexible.
// Not supported: topic ids (v10), authorized operations (always reported as unknown).

import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler, BrokerState } from './api-handler.ts'
import type { Topic } from '../topic/topic.ts'
import { outcome } from './outcome.ts'

const UNKNOWN_OPERATIONS = -2147483648

type Described = { readonly name: string; readonly code: number; readonly topic: Topic | undefined }

export const metadata: ApiHandler = {
  key: 3,
  name: 'Metadata',
  minVersion: 0,
  maxVersion: 9,
  flexibleFrom: 9,
  async handle({ version, body, reply }, broker) {
    const names = body.nullableArray(() => {
      const name = body.string()
      body.tags()
      return name
    })
    const mayCreate = version < 4 || body.bool()
    const wantsAll = names === null || (version === 0 && names.length === 0)
    const described = wantsAll
      ? broker.topics.all().map((topic): Described => ({ name: topic.name, code: errorCode.none, topic }))
      : await Promise.all(names.map((name) => describe(broker, name, mayCreate)))
    if (version >= 3) reply.i32(0)
    reply.array([broker], ({ nodeId, host, port }) => {
      reply.i32(nodeId).string(host).i32(port)
      if (version >= 1) reply.string(null)
      reply.tags()
    })
    if (version >= 2) reply.string(broker.clusterId)
    if (version >= 1) reply.i32(broker.nodeId)
    reply.array(described, ({ name, code, topic }) => {
      reply.i16(code).string(name)
      if (version >= 1) reply.bool(false)
      reply.array([...(topic?.partitions.keys() ?? [])], (partition) => {
        reply.i16(errorCode.none).i32(partition).i32(broker.nodeId)
        if (version >= 7) reply.i32(0)
        reply.array([broker.nodeId], (id) => reply.i32(id))
        reply.array([broker.nodeId], (id) => reply.i32(id))
        if (version >= 5) reply.array([], () => {})
        reply.tags()
      })
      if (version >= 8) reply.i32(UNKNOWN_OPERATIONS)
      reply.tags()
    })
    if (version >= 8) reply.i32(UNKNOWN_OPERATIONS)
    reply.tags()
  },
}

async function describe(broker: BrokerState, name: string, mayCreate: boolean): Promise<Described> {
  const known = broker.topics.get(name)
  if (known) return { name, code: errorCode.none, topic: known }
  if (!mayCreate || !broker.autoCreateTopics) return { name, code: errorCode.unknownTopicOrPartition, topic: undefined }
  const { code } = await outcome(() =>
    broker.topics.create({ name, partitions: broker.defaultPartitions, config: new Map() }),
  )
  // Two clients may ask at once: whoever comes second finds the topic of the first.
  const topic = broker.topics.get(name)
  return { name, code: topic ? errorCode.none : code, topic }
}
