// One topic: its identity, its settings and the logs of its partitions.

import type { LogSettings, PartitionLog } from '../log/partition-log.ts'
import { topicSetting } from './topic-config.ts'

export class Topic {
  readonly name: string
  /** A uuid of its own: a topic that is deleted and made again is another topic. */
  readonly id: string
  readonly partitions: PartitionLog[] = []
  #config: ReadonlyMap<string, string>
  #logSettings: LogSettings

  constructor(name: string, id: string, config: ReadonlyMap<string, string>) {
    this.name = name
    this.id = id
    this.#config = config
    this.#logSettings = logSettingsOf(config)
  }

  get config(): ReadonlyMap<string, string> {
    return this.#config
  }

  /** Takes effect at the next append. */
  set config(config: ReadonlyMap<string, string>) {
    this.#config = config
    this.#logSettings = logSettingsOf(config)
  }

  get logSettings(): LogSettings {
    return this.#logSettings
  }
}

function logSettingsOf(config: ReadonlyMap<string, string>): LogSettings {
  return {
    maxMessageBytes: Number(topicSetting(config, 'max.message.bytes')),
    segmentBytes: Number(topicSetting(config, 'segment.bytes')),
    logAppendTime: topicSetting(config, 'message.timestamp.type') === 'LogAppendTime',
  }
}
