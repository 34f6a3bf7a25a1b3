// InitProducerId: v0-4
//
// A fresh producer id with epoch 0 for an idempotent producer. v2: flexible; v3: a producer that names its present id gets
// a fresh one too, which is as good as a new epoch.
// Not supported: transactional ids (answered with INVALID_REQUEST).

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

export const initProducerId: ApiHandler = {
  key: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 2,
  async handle({ body, reply }, broker) {
    const isTransactional = body.nullableString() !== null
    let producerId = -1
    const { code } = await outcome(async () => {
      if (isTransactional) throw new ProtocolError(errorCode.invalidRequest, 'Transactions are not supported.')
      producerId = await broker.producerIds.next()
    })
    reply
      .i32(0)
      .i16(code)
      .i64(producerId)
      .i16(producerId < 0 ? -1 : 0)
      .tags()
  },
}
