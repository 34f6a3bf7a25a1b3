// CreateTopics: v2-7
//
// Partition count -1 takes the broker's default; the replication factor may be 1 or -1. v5: flexible, and the answer has
// the settings in force; v7: topic id.
// Not supported: replica assignments to other brokers than this one.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { NewTopic } from '../topic/topics.ts'
import { topicSetting, topicSettings } from '../topic/topic-config.ts'
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import type { ApiHandler, BrokerState } from './api-handler.ts'
import { outcome, type Outcome } from './outcome.ts'

type Wanted = NewTopic & { readonly replicationFactor: number; readonly assigned: readonly (readonly number[])[] }

const NO_ID = '00000000000000000000000000000000'
const SOURCE_TOPIC = 1
const SOURCE_DEFAULT = 5

export const createTopics: ApiHandler = {
  key: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 7,
  flexibleFrom: 5,
  async handle({ version, body, reply }, broker) {
    const wanted = body.array(() => readTopic(body, broker.defaultPartitions))
    body.i32() // timeout
    const validateOnly = body.bool()
    const created = await Promise.all(
      wanted.map(async (topic) => ({ topic, result: await outcome(() => create(broker, topic, validateOnly)) })),
    )
    reply.i32(0)
    reply.array(created, ({ topic, result }) => {
      reply.string(topic.name)
      if (version >= 7) reply.uuid(broker.topics.get(topic.name)?.id ?? NO_ID)
      reply.i16(result.code).string(result.message)
      if (version >= 5) writeDetails(reply, topic, result)
      reply.tags()
    })
    reply.tags()
  },
}

function readTopic(body: Reader, defaultPartitions: number): Wanted {
  const name = body.string()
  const count = body.i32()
  const replicationFactor = body.i16()
  const assigned = body.array(() => {
    body.i32() // partition
    const brokers = body.array(() => body.i32())
    body.tags()
    return brokers
  })
  const config = new Map<string, string>()
  body.array(() => {
    const setting = body.string()
    const value = body.nullableString()
    body.tags()
    if (value !== null) config.set(setting, value)
  })
  body.tags()
  const partitions = assigned.length > 0 ? assigned.length : count === -1 ? defaultPartitions : count
  return { name, partitions, replicationFactor, assigned, config }
}

async function create(broker: BrokerState, topic: Wanted, validateOnly: boolean): Promise<void> {
  if (topic.assigned.length === 0 && topic.replicationFactor !== 1 && topic.replicationFactor !== -1) {
    throw new ProtocolError(
      errorCode.invalidReplicationFactor,
      `Replication factor ${topic.replicationFactor} is larger than the number of brokers, which is 1.`,
    )
  }
  if (topic.assigned.some((brokers) => brokers.length !== 1 || brokers[0] !== broker.nodeId)) {
    throw new ProtocolError(errorCode.invalidReplicaAssignment, `The only broker is ${broker.nodeId}.`)
  }
  if (validateOnly) broker.topics.check(topic)
  else await broker.topics.create(topic)
}

function writeDetails(reply: Writer, topic: Wanted, result: Outcome): void {
  const isDone = result.code === errorCode.none
  reply.i32(isDone ? topic.partitions : -1).i16(isDone ? 1 : -1)
  reply.array(isDone ? [...topicSettings.keys()] : null, (setting) => {
    reply.string(setting).string(topicSetting(topic.config, setting)).bool(false)
    reply
      .i8(topic.config.has(setting) ? SOURCE_TOPIC : SOURCE_DEFAULT)
      .bool(false)
      .tags()
  })
}
