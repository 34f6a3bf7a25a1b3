// Puts the events on the topic as the producer does: Avro, full envelope in eight headers, murmur2. Not part of what is measured.
import { connectKafka } from '../../src/kafka/connect-kafka.ts'
import { createLogger } from '../../src/observability/create-logger.ts'
import { encodeRecord } from '../../src/producer/make-record.ts'
import { EventCodec } from '../../src/schema/event-codec.ts'
import { registerTopicSchemas } from '../../src/schema/register-topic-schemas.ts'
import { createRegistryClient } from '../../src/schema/registry-client.ts'
import { ensureTopics } from '../../src/topic/ensure-topics.ts'
import type { Stores } from '../stores.ts'
import { AccountChanged } from './account-changed.ts'
import { accountsTopic } from './accounts-topic.ts'
import type { Change } from './make-changes.ts'

const AT_ONCE = 5000

/** Resolves with the changes of each partition in the order of its log. */
export async function fillTopic(stores: Stores, changes: readonly Change[]): Promise<readonly (readonly Change[])[]> {
  const kafka = connectKafka({ brokers: [stores.broker], clientId: 'bench' }, createLogger({ level: 'warn' }))
  try {
    await ensureTopics(kafka.admin, [accountsTopic])
    const ids = await registerTopicSchemas(createRegistryClient({ url: stores.registry }), [accountsTopic])
    const schemaId = ids.of(accountsTopic, AccountChanged) ?? 0
    const codec = new EventCodec()
    const producer = await kafka.createProducer()
    const partitions: Change[][] = Array.from({ length: accountsTopic.partitions }, () => [])
    for (let at = 0; at < changes.length; at += AT_ONCE) {
      const some = changes.slice(at, at + AT_ONCE)
      const records = some.map((change) => {
        const record = encodeRecord(codec, schemaId, {
          topic: accountsTopic,
          eventType: AccountChanged,
          data: change.data,
          key: null,
          envelope: envelopeOf(change),
        })
        partitions[record.partition]?.push(change)
        return record
      })
      await producer.send(records)
    }
    return partitions
  } finally {
    await kafka.close()
  }
}

function envelopeOf({ id, data }: Change): Parameters<typeof encodeRecord>[2]['envelope'] {
  return {
    id,
    time: data.changedAt,
    source: '/bench/accounts',
    correlationId: id,
    causationId: id,
    traceparent: null,
    routingKey: null,
    idempotencyKey: null,
    expiresAt: null,
    attempt: null,
  }
}
