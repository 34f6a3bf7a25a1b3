// IncrementalAlterConfigs: v0-1
//
// Changes single settings of a topic: set, delete, and append to or subtract from a list. v1: flexible.
// Not supported: broker settings.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { topicSetting } from '../topic/topic-config.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'
import { resourceType } from './resource-type.ts'

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Change = { readonly setting: string; readonly operation: number; readonly value: string | null }

export const incrementalAlterConfigs: ApiHandler = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  async handle({ body, reply }, broker) {
    const resources = body.array(() => {
      const type = body.i8()
      const name = body.string()
      const changes = body.array((): Change => {
        const change = { setting: body.string(), operation: body.i8(), value: body.nullableString() }
        body.tags()
        return change
      })
      body.tags()
      return { type, name, changes }
    })
    const validateOnly = body.bool()
    const altered = await Promise.all(
      resources.map(async ({ type, name, changes }) => {
        const result = await outcome(() => {
          if (type !== resourceType.topic) {
            throw new ProtocolError(errorCode.invalidRequest, 'Only topics have settings that can be changed.')
          }
          const config = changed(broker.topics.get(name)?.config ?? new Map(), changes)
          return broker.topics.configure(name, config, validateOnly)
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

function changed(present: ReadonlyMap<string, string>, changes: readonly Change[]): Map<string, string> {
  const config = new Map(present)
  for (const { setting, operation, value } of changes) {
    const parts = (value ?? '').split(',')
    const list = topicSetting(config, setting).split(',')
    if (operation === SET && value !== null) config.set(setting, value)
    else if (operation === DELETE) config.delete(setting)
    else if (operation === APPEND) config.set(setting, [...new Set([...list, ...parts])].join(','))
    else if (operation === SUBTRACT) config.set(setting, list.filter((part) => !parts.includes(part)).join(','))
    else throw new ProtocolError(errorCode.invalidRequest, `Setting ${setting}: no such change ${operation}.`)
  }
  return config
}
