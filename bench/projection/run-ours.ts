// The engine as the role `consumers` puts it together: one member of a group, one projection, from the first record to the last
// checkpoint.
import { fileURLToPath } from 'node:url'
import type * as ConnectKafkaModule from '../../src/kafka/connect-kafka.ts'
import type * as ConnectModule from '../../src/database/connect.ts'
import type * as ReadModelsModule from '../../src/database/read-models.ts'
import type * as SystemClockModule from '../../src/consumer/system-clock.ts'
import type * as CreateRecordDecoderModule from '../../src/consumer/create-record-decoder.ts'
import type * as ProjectionStrategyModule from '../../src/projection/projection-strategy.ts'
import type * as SchemaDecoderModule from '../../src/schema/schema-decoder.ts'
import type * as CreateMetricsModule from '../../src/observability/create-metrics.ts'
import type * as CreateLoggerModule from '../../src/observability/create-logger.ts'
import type * as StartConsumerModule from '../../src/consumer/start-consumer.ts'
import type * as CreateRegistryClientModule from '../../src/schema/registry-client.ts'
import { built } from '../built.ts'
import { readTask, Stopwatch } from './consumer-report.ts'
import { projections } from './projections.ts'

const { connectKafka } = await built<typeof ConnectKafkaModule>('src/kafka/connect-kafka')
const { connect } = await built<typeof ConnectModule>('src/database/connect')
const { readModels } = await built<typeof ReadModelsModule>('src/database/read-models')
const { startConsumer } = await built<typeof StartConsumerModule>('src/consumer/start-consumer')
const { systemClock } = await built<typeof SystemClockModule>('src/consumer/system-clock')
const { createRecordDecoder } = await built<typeof CreateRecordDecoderModule>('src/consumer/create-record-decoder')
const { ProjectionStrategy } = await built<typeof ProjectionStrategyModule>('src/projection/projection-strategy')
const { SchemaDecoder } = await built<typeof SchemaDecoderModule>('src/schema/schema-decoder')
const { createRegistryClient } = await built<typeof CreateRegistryClientModule>('src/schema/registry-client')
const { createMetrics } = await built<typeof CreateMetricsModule>('src/observability/create-metrics')
const { createLogger } = await built<typeof CreateLoggerModule>('src/observability/create-logger')

const task = readTask()
const logger = createLogger({ level: 'error', base: { role: 'bench' } })
const definition = projections[task.kind]
const path = (name: string): string => fileURLToPath(new URL(`./prisma/generated/${name}`, import.meta.url))
const database = await connect({ clientFile: path('client/client.ts'), url: task.database })
const kafka = connectKafka({ brokers: [task.broker], clientId: 'ours' }, logger)
const registry = createRegistryClient({ url: task.registry })
const stopwatch = new Stopwatch()
const taken: Record<number, number> = {}
const batches: number[] = []
let count = 0

const joinGroup: typeof kafka.joinGroup = async (options) => {
  const { handler } = options
  return kafka.joinGroup({
    ...options,
    handler: {
      assigned: async (partitions, signal) => handler.assigned(partitions, signal),
      revoked: (partitions) => handler.revoked(partitions),
      async batch(batch, signal) {
        stopwatch.begin()
        const outcome = await handler.batch(batch, signal)
        if (outcome.kind !== 'committed') return outcome
        const before = taken[batch.partition] ?? 0
        taken[batch.partition] = Number(outcome.next)
        count += Number(outcome.next) - before
        batches.push(Number(outcome.next) - before)
        if (count === task.events) finish()
        return outcome
      },
    },
  })
}

let finish: () => void = () => undefined
const finished = new Promise<void>((resolve) => {
  finish = () => {
    stopwatch.end(taken, batches)
    resolve()
  }
})
const consumer = await startConsumer({
  definition,
  strategy: new ProjectionStrategy(definition, { models: await readModels(path('models/models.json')), database }),
  app: task.group,
  kafka: { admin: kafka.admin, joinGroup },
  database,
  decoder: createRecordDecoder(new SchemaDecoder({ registry, now: Date.now }), definition.from),
  logger,
  metrics: createMetrics({ processMetrics: false }),
  clock: systemClock,
})
await finished
await consumer.stop()
await kafka.close()
await database.close()
