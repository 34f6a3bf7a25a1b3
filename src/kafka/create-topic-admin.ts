// Administration over kafkajs's admin client. A client that failed is thrown away and the call made once more with a new one,
// because an admin client holds on to a broker that was restarted.
import type { Admin, Kafka } from 'kafkajs'
import { MillraceError } from '../errors/millrace-error.ts'
import { isHopeless, kafkaErrorType } from './kafka-error-type.ts'
import type { TopicAdmin, TopicDescription } from './kafka-port.ts'

const LEADER_LIMIT_MS = 10_000
const ATTEMPTS = 3

/** The admin part of the port, and how to close it. */
export function createTopicAdmin(
  createClient: () => Kafka,
  replicationFactor: number,
): { readonly admin: TopicAdmin; close(): Promise<void> } {
  const client = new AdminClient(createClient)
  const describe = async (names?: readonly string[]): Promise<readonly TopicDescription[]> => {
    const { topics } = await client.ask((admin) => admin.fetchTopicMetadata())
    const wanted = names === undefined ? undefined : new Set(names)
    return topics
      .filter(({ name }) => wanted?.has(name) ?? true)
      .map(({ name, partitions }) => ({ name, partitions: partitions.length }))
  }
  const admin: TopicAdmin = {
    describe,
    async create(specs) {
      const topics = specs.map(({ name, partitions, configs }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })),
      }))
      const existing = new Map(
        (await describe(specs.map(({ name }) => name))).map(({ name, partitions }) => [name, partitions]),
      )
      const missing = topics.filter(({ topic }) => !existing.has(topic))
      if (missing.length > 0) {
        await client.ask((kafka) =>
          kafka.createTopics({ topics: missing, waitForLeaders: true, timeout: LEADER_LIMIT_MS }),
        )
      }
      for (const { name, partitions } of await describe(specs.map(({ name }) => name))) {
        const wanted = specs.find((spec) => spec.name === name)?.partitions
        if (wanted !== undefined && wanted !== partitions) throw partitionsDiffer(name, wanted, partitions)
      }
    },
    async delete(names) {
      if (names.length > 0)
        await client.ask((kafka) => kafka.deleteTopics({ topics: [...names], timeout: LEADER_LIMIT_MS }))
    },
    async watermarks(topic) {
      const offsets = await client.ask((kafka) => kafka.fetchTopicOffsets(topic))
      return offsets
        .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
        .sort((a, b) => a.partition - b.partition)
    },
    async offsetsAt(topic, timeMs) {
      const offsets = await client.ask((kafka) => kafka.fetchTopicOffsetsByTimestamp(topic, timeMs))
      return offsets
        .map(({ partition, offset }) => ({ partition, offset: BigInt(offset) }))
        .sort((a, b) => a.partition - b.partition)
    },
    async committed(groupId, topics) {
      const offsets = await client.ask((kafka) => kafka.fetchOffsets({ groupId, topics: [...topics] }))
      return offsets.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
      )
    },
    async deleteGroup(groupId) {
      await client.ask(async (kafka) => {
        try {
          await kafka.deleteGroups([groupId])
        } catch (error) {
          if (!isUnknownGroup(error)) throw error
        }
      })
    },
  }
  return { admin, close: () => client.close() }
}

class AdminClient {
  readonly #createClient: () => Kafka
  #admin: Promise<Admin> | undefined

  constructor(createClient: () => Kafka) {
    this.#createClient = createClient
  }

  async ask<Answer>(call: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const connecting = (this.#admin ??= this.#connect())
      try {
        return await call(await connecting)
      } catch (error) {
        if (error instanceof MillraceError) throw error
        if (this.#admin === connecting) this.#admin = undefined
        void connecting.then((admin) => admin.disconnect()).catch(() => undefined)
        if (attempt < ATTEMPTS && !isHopeless(error)) continue
        throw new MillraceError(
          'MILLRACE_KAFKA_UNAVAILABLE',
          `Kafka did not answer an administrative request (${kafkaErrorType(error)}). Check the brokers and try again.`,
          { retriable: !isHopeless(error), cause: error },
        )
      }
    }
  }

  async close(): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined)
    this.#admin = undefined
    await admin?.disconnect().catch(() => undefined)
  }

  async #connect(): Promise<Admin> {
    const admin = this.#createClient().admin()
    await admin.connect()
    return admin
  }
}

function partitionsDiffer(topic: string, wanted: number, found: number): MillraceError {
  return new MillraceError(
    'MILLRACE_TOPIC_PARTITIONS',
    `Topic ${topic} has ${found} partitions, but its definition says ${wanted}. A changed count moves keys to other partitions ` +
      `and breaks their order: set partitions to ${found} in the definition, or give the topic a new name.`,
    { context: { topic, wanted, found } },
  )
}

function isUnknownGroup(error: unknown): boolean {
  if (kafkaErrorType(error) === 'GROUP_ID_NOT_FOUND') return true
  const groups =
    error instanceof Error && 'groups' in error ? (error.groups as { error?: unknown; errorCode?: number }[]) : []
  return groups.length > 0 && groups.every(({ errorCode }) => errorCode === 69)
}
