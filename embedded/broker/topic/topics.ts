// All topics of the broker and the file that lists them. Every change is written to that file before it is answered; the
// folder of a deleted topic goes after the list has forgotten it, so that a crash between the two leaves only garbage
// and never half a topic. Changes run one after the other.

import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { PartitionLog, type PartitionLogOptions } from '../log/partition-log.ts'
import type { Folder } from '../storage/folder.ts'
import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { checkTopicSetting } from './topic-config.ts'
import { Topic } from './topic.ts'

const LIST_FILE = 'topics.json'
const MOST_PARTITIONS = 10_000

export type NewTopic = {
  readonly name: string
  readonly partitions: number
  readonly config: ReadonlyMap<string, string>
}

export type TopicsOptions = {
  readonly clock: Clock
  readonly syncEach: boolean
  readonly notice: (line: string) => void
}

type ListedTopic = { name: string; id: string; partitions: number; config: Record<string, string> }

export class Topics {
  readonly #folder: Folder
  readonly #options: TopicsOptions
  readonly #topics = new Map<string, Topic>()
  #work: Promise<unknown> = Promise.resolve()

  private constructor(folder: Folder, options: TopicsOptions) {
    this.#folder = folder
    this.#options = options
  }

  static async open(folder: Folder, options: TopicsOptions): Promise<Topics> {
    const topics = new Topics(folder, options)
    const list = await folder.read(LIST_FILE)
    if (list === null) return topics
    const listed = JSON.parse(list.toString()) as ListedTopic[]
    await Promise.all(
      listed.map(async ({ name, id, partitions, config }) => {
        const topic = new Topic(name, id, new Map(Object.entries(config)))
        topics.#topics.set(name, topic)
        await topics.#openPartitions(topic, partitions)
      }),
    )
    return topics
  }

  all(): Topic[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  byId(id: string): Topic | undefined {
    return this.all().find((topic) => topic.id.replaceAll('-', '') === id)
  }

  partition(name: string, index: number): PartitionLog {
    const log = this.#topics.get(name)?.partitions[index]
    if (!log) throw new ProtocolError(errorCode.unknownTopicOrPartition, `There is no partition ${name}-${index}.`)
    return log
  }

  /** Checks all of a new topic without making it. */
  check(topic: NewTopic): void {
    if (!isLegalName(topic.name)) {
      throw new ProtocolError(
        errorCode.invalidTopicException,
        `Topic name '${topic.name}' is not legal: 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'.`,
      )
    }
    if (this.#topics.has(topic.name)) {
      throw new ProtocolError(errorCode.topicAlreadyExists, `Topic '${topic.name}' already exists.`)
    }
    if (topic.partitions < 1 || topic.partitions > MOST_PARTITIONS) {
      throw new ProtocolError(errorCode.invalidPartitions, `A topic has 1 to ${MOST_PARTITIONS} partitions.`)
    }
    for (const [name, value] of topic.config) checkTopicSetting(name, value)
  }

  create(wanted: NewTopic): Promise<Topic> {
    return this.#change(async () => {
      this.check(wanted)
      const topic = new Topic(wanted.name, randomUUID(), wanted.config)
      await this.#openPartitions(topic, wanted.partitions)
      this.#topics.set(topic.name, topic)
      await this.#save()
      return topic
    })
  }

  delete(name: string): Promise<void> {
    return this.#change(async () => {
      const topic = this.#existing(name)
      this.#topics.delete(name)
      await this.#save()
      await Promise.all(topic.partitions.map((log) => log.abandon()))
      await this.#folder.removeFolder(folderName(topic))
    })
  }

  /** Checks, and unless `validateOnly` makes, the partitions up to a new count. */
  addPartitions(name: string, count: number, validateOnly: boolean): Promise<void> {
    return this.#change(async () => {
      const topic = this.#existing(name)
      const present = topic.partitions.length
      if (count <= present || count > MOST_PARTITIONS) {
        throw new ProtocolError(
          errorCode.invalidPartitions,
          `Topic '${name}' has ${present} partitions: a new count must be higher, and at most ${MOST_PARTITIONS}.`,
        )
      }
      if (validateOnly) return
      await this.#openPartitions(topic, count)
      await this.#save()
    })
  }

  /** Puts a whole configuration in the place of the old one. */
  configure(name: string, config: ReadonlyMap<string, string>, validateOnly: boolean): Promise<void> {
    return this.#change(async () => {
      const topic = this.#existing(name)
      for (const [setting, value] of config) checkTopicSetting(setting, value)
      if (validateOnly) return
      topic.config = config
      await this.#save()
    })
  }

  async flush(): Promise<void> {
    await Promise.all(this.#logs().map((log) => log.flush()))
  }

  close(): Promise<void> {
    return this.#change(async () => {
      await Promise.all(this.#logs().map((log) => log.close()))
    })
  }

  #logs(): PartitionLog[] {
    return this.all().flatMap((topic) => topic.partitions)
  }

  #existing(name: string): Topic {
    const topic = this.#topics.get(name)
    if (!topic) throw new ProtocolError(errorCode.unknownTopicOrPartition, `There is no topic '${name}'.`)
    return topic
  }

  async #openPartitions(topic: Topic, count: number): Promise<void> {
    const { clock, syncEach, notice } = this.#options
    const options: PartitionLogOptions = { clock, syncEach, notice, settings: () => topic.logSettings }
    const folder = await this.#folder.folder(folderName(topic))
    const missing = Array.from({ length: count - topic.partitions.length }, (_, i) => topic.partitions.length + i)
    const logs = await Promise.all(
      missing.map(async (index) => PartitionLog.open(await folder.folder(String(index)), options)),
    )
    topic.partitions.push(...logs)
  }

  #save(): Promise<void> {
    const list = this.all().map((topic): ListedTopic => ({
      name: topic.name,
      id: topic.id,
      partitions: topic.partitions.length,
      config: Object.fromEntries(topic.config),
    }))
    return this.#folder.replace(LIST_FILE, Buffer.from(`${JSON.stringify(list, null, 2)}\n`))
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#work.then(change)
    this.#work = done.catch(() => undefined)
    return done
  }
}

/** The name tells a person what it is, the id keeps a new topic of an old name apart. */
function folderName(topic: Topic): string {
  return `${topic.name.slice(0, 200)}-${topic.id}`
}

function isLegalName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'
}
