// FindCoordinator: v0-4
//
// This node, for every group. v1: key type; v3: flexible; v4: several keys.
// Not supported: transaction coordinators (answered with INVALID_REQUEST and a message).

import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler } from './api-handler.ts'

const GROUP = 0

export const findCoordinator: ApiHandler = {
  key: 10,
  name: 'FindCoordinator',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  handle({ version, body, reply }, broker) {
    const firstKey = version < 4 ? body.string() : ''
    const keyType = version >= 1 ? body.i8() : GROUP
    const keys = version < 4 ? [firstKey] : body.array(() => body.string())
    const isGroup = keyType === GROUP
    const code = isGroup ? errorCode.none : errorCode.invalidRequest
    const message = isGroup ? null : 'Transactions are not supported by this broker: use the idempotent producer.'
    const writeNode = (): void => {
      reply.i32(isGroup ? broker.nodeId : -1)
      reply.string(isGroup ? broker.host : '')
      reply.i32(isGroup ? broker.port : -1)
    }
    if (version >= 1) reply.i32(0)
    if (version >= 4) {
      reply.array(keys, (key) => {
        reply.string(key)
        writeNode()
        reply.i16(code).string(message).tags()
      })
    } else {
      reply.i16(code)
      if (version >= 1) reply.string(message)
      writeNode()
    }
    reply.tags()
  },
}
