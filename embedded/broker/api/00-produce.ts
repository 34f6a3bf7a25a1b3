// Produce: v3-9
//
// Each partition's batch is checked (checksum, size, producer sequence), placed at once in the order of the requests, and
// answered when it is written. acks 0 gets no reply; acks 1 and -1 are the same on one node. The timeout is ignored, there
// are no replicas to wait for. v8: error message; v9: flexible.
// Not supported: transactions, min.insync.replicas (stored, without effect), message sets before format v2, topic ids (v13).

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ApiHandler, BrokerState } from './api-handler.ts'
import { outcome, type Outcome } from './outcome.ts'

type Answer = Outcome & {
  readonly partition: number
  readonly baseOffset: number
  readonly appendTime: number
  readonly logStartOffset: number
}

export const produce: ApiHandler = {
  key: 0,
  name: 'Produce',
  minVersion: 3,
  maxVersion: 9,
  flexibleFrom: 9,
  async handle({ version, body, reply, withoutReply }, broker) {
    const isTransactional = body.nullableString() !== null
    const acks = body.i16()
    body.i32() // timeout
    const topics = body.array(() => {
      const name = body.string()
      const answers = body.array(() => {
        const partition = body.i32()
        const records = body.bytes()
        body.tags()
        return append(broker, name, partition, records, isTransactional)
      })
      body.tags()
      return { name, answers }
    })
    const appended = await Promise.all(
      topics.map(async ({ name, answers }) => ({ name, answers: await Promise.all(answers) })),
    )
    if (acks === 0) {
      withoutReply()
      return
    }
    reply.array(appended, ({ name, answers }) => {
      reply.string(name)
      reply.array(answers, (answer) => {
        reply.i32(answer.partition).i16(answer.code).i64(answer.baseOffset).i64(answer.appendTime)
        if (version >= 5) reply.i64(answer.logStartOffset)
        if (version >= 8) {
          reply.array([], () => {})
          reply.string(answer.message)
        }
        reply.tags()
      })
      reply.tags()
    })
    reply.i32(0).tags()
  },
}

async function append(
  broker: BrokerState,
  topic: string,
  partition: number,
  records: Buffer,
  isTransactional: boolean,
): Promise<Answer> {
  let [baseOffset, appendTime, logStartOffset] = [-1, -1, -1]
  const result = await outcome(async () => {
    if (isTransactional) throw new ProtocolError(errorCode.invalidRequest, 'Transactions are not supported.')
    const log = broker.topics.partition(topic, partition)
    logStartOffset = log.logStartOffset
    const appended = await log.append(records)
    baseOffset = appended.baseOffset
    appendTime = appended.appendTime
  })
  return { ...result, partition, baseOffset, appendTime, logStartOffset }
}
