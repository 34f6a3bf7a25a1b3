// DescribeConfigs: v0-4
//
// The settings of topics, with defaults; a broker resource is answered with an empty list. v1: source and synonyms;
// v3: type; v4: flexible.
// Not supported: broker settings, documentation texts.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { topicSetting, topicSettings } from '../topic/topic-config.ts'
import type { Writer } from '../wire/writer.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'
import { resourceType } from './resource-type.ts'

const SOURCE_TOPIC = 1
const SOURCE_DEFAULT = 5
const TYPE_UNKNOWN = 0

type Setting = { readonly name: string; readonly value: string; readonly isDefault: boolean }

export const describeConfigs: ApiHandler = {
  key: 32,
  name: 'DescribeConfigs',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  async handle({ version, body, reply }, broker) {
    const resources = body.array(() => {
      const resource = { type: body.i8(), name: body.string(), keys: body.nullableArray(() => body.string()) }
      body.tags()
      return resource
    })
    const withSynonyms = version >= 1 && body.bool()
    const described = await Promise.all(
      resources.map(async ({ type, name, keys }) => {
        let settings: Setting[] = []
        const result = await outcome(() => {
          if (type === resourceType.broker) return
          const topic = type === resourceType.topic ? broker.topics.get(name) : undefined
          if (!topic) throw new ProtocolError(errorCode.unknownTopicOrPartition, `There is no topic '${name}'.`)
          settings = [...topicSettings.keys()]
            .filter((setting) => keys === null || keys.length === 0 || keys.includes(setting))
            .map((setting) => ({
              name: setting,
              value: topicSetting(topic.config, setting),
              isDefault: !topic.config.has(setting),
            }))
        })
        return { type, name, settings, ...result }
      }),
    )
    reply.i32(0)
    reply.array(described, ({ type, name, settings, code, message }) => {
      reply.i16(code).string(message).i8(type).string(name)
      reply.array(settings, (setting) => {
        writeSetting(reply, setting, version, withSynonyms)
      })
      reply.tags()
    })
    reply.tags()
  },
}

function writeSetting(reply: Writer, setting: Setting, version: number, withSynonyms: boolean): void {
  const source = setting.isDefault ? SOURCE_DEFAULT : SOURCE_TOPIC
  reply.string(setting.name).string(setting.value).bool(false)
  if (version === 0) reply.bool(setting.isDefault)
  else reply.i8(source)
  reply.bool(false)
  if (version >= 1) {
    reply.array(withSynonyms ? [setting] : [], ({ name, value }) => {
      reply.string(name).string(value).i8(source).tags()
    })
  }
  if (version >= 3) reply.i8(TYPE_UNKNOWN).string(null)
  reply.tags()
}
