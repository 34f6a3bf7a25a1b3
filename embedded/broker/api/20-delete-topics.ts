// DeleteTopics: v1-6
//
// Removes the records, the files and the committed offsets; a new topic of the name begins at offset 0. v4: flexible;
// v5: error message; v6: by topic id too.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

const NO_ID = '00000000000000000000000000000000'

export const deleteTopics: ApiHandler = {
  key: 20,
  name: 'DeleteTopics',
  minVersion: 1,
  maxVersion: 6,
  flexibleFrom: 4,
  async handle({ version, body, reply }, broker) {
    const wanted = body.array(() => {
      const name = version >= 6 ? body.nullableString() : body.string()
      const id = version >= 6 ? body.uuid() : NO_ID
      if (version >= 6) body.tags()
      return { name, id }
    })
    const deleted = await Promise.all(
      wanted.map(async ({ name, id }) => {
        const topic = name === null ? broker.topics.byId(id) : broker.topics.get(name)
        const result = await outcome(async () => {
          if (topic) return broker.deleteTopic(topic)
          const code = name === null ? errorCode.unknownTopicId : errorCode.unknownTopicOrPartition
          throw new ProtocolError(code, `There is no topic '${name ?? id}'.`)
        })
        return { name: name ?? topic?.name ?? null, id: topic?.id ?? id, ...result }
      }),
    )
    reply.i32(0)
    reply.array(deleted, ({ name, id, code, message }) => {
      reply.string(name)
      if (version >= 6) reply.uuid(id)
      reply.i16(code)
      if (version >= 5) reply.string(message)
      reply.tags()
    })
    reply.tags()
  },
}
