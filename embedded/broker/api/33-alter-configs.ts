// AlterConfigs: v0-2
//
// Puts the given settings in the place of all settings of a topic. v2: flexible.
// Not supported: broker settings.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'
import { resourceType } from './resource-type.ts'

export const alterConfigs: ApiHandler = {
  key: 33,
  name: 'AlterConfigs',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  async handle({ body, reply }, broker) {
    const resources = body.array(() => {
      const resource = { type: body.i8(), name: body.string(), config: new Map<string, string>() }
      body.array(() => {
        const setting = body.string()
        const value = body.nullableString()
        body.tags()
        if (value !== null) resource.config.set(setting, value)
      })
      body.tags()
      return resource
    })
    const validateOnly = body.bool()
    const altered = await Promise.all(
      resources.map(async ({ type, name, config }) => {
        const result = await outcome(() => {
          if (type === resourceType.topic) return broker.topics.configure(name, config, validateOnly)
          throw new ProtocolError(errorCode.invalidRequest, 'Only topics have settings that can be changed.')
        })
        return { type, name, ...result }
      }),
    )
    reply.i32(0)
    reply.array(altered, ({ type, name, code, message }) => {
      reply.i16(code).string(message).i8(type).string(name).tags()
    })
    reply.tags()
  },
}
