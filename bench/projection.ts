// Topic to rows: the engine beside the naive consumer (kafkajs eachMessage, registry.decode, prisma upsert, awaited), on the same
// embedded stack of its own (each store a process, fsync on), in one run. Repeats alternate and medians count; the rows of both
// are compared. Events carry the full envelope. A repeat reads the same topic anew, timed from its first record to its last.
//   npm run bench -- projection [--events 100000] [--keys 20000] [--naive 5000] [--repeats 3]
import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { Kafka, logLevel } from 'kafkajs'
import pino from 'pino'
import { createRecordDecoder } from '../src/consumer/create-record-decoder.ts'
import { startConsumer } from '../src/consumer/start-consumer.ts'
import { systemClock } from '../src/consumer/system-clock.ts'
import { connect } from '../src/database/connect.ts'
import { migrateEngine } from '../src/database/migrate-engine.ts'
import { readModels } from '../src/database/read-models.ts'
import { defineEvent } from '../src/definition/define-event.ts'
import type { Projection } from '../src/definition/define-projection.ts'
import { defineTopic } from '../src/definition/define-topic.ts'
import { connectKafka } from '../src/kafka/connect-kafka.ts'
import { createMetrics } from '../src/observability/create-metrics.ts'
import { createEmitter } from '../src/producer/create-emitter.ts'
import { lazySchemaIds } from '../src/producer/lazy-schema-ids.ts'
import { ProjectionStrategy } from '../src/projection/projection-strategy.ts'
import { EventCodec } from '../src/schema/event-codec.ts'
import { createRegistryClient } from '../src/schema/registry-client.ts'
import { SchemaDecoder } from '../src/schema/schema-decoder.ts'
import { prismaProject } from '../tests/fixtures/prisma-project.ts'

const option = (value: string) => ({ type: 'string', default: value }) as const
const { values } = parseArgs({
  options: { events: option('100000'), keys: option('20000'), naive: option('5000'), repeats: option('3') },
  allowPositionals: true,
})
const [events, keys, naive, repeats] = [values.events, values.keys, values.naive, values.repeats].map(Number) as [
  number,
  number,
  number,
  number,
]

interface Measurement {
  readonly id: string
  readonly n: number
  readonly note: string | null
}
const Measured = defineEvent<'Measured', Measurement>('Measured', 'bench.v1.Measured', {
  type: 'record',
  name: 'Measured',
  namespace: 'bench.v1',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'n', type: 'int' },
    { name: 'note', type: ['null', 'string'] },
  ],
})
const all = defineTopic({ name: 'bench.all', key: 'id', events: [Measured], partitions: 12 })
const few = defineTopic({ name: 'bench.few', key: 'id', events: [Measured], partitions: 12 })
const hour = new Date(0)

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const children: ChildProcess[] = []
async function store(name: string): Promise<Record<string, unknown>> {
  mkdirSync(join(folder, name))
  const child = fork(`embedded/${name}/main.ts`, ['--port', '0', '--data', join(folder, name)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.push(child)
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Record<string, unknown>))
    child.once('exit', () => reject(new Error(`${name} did not start`)))
  })
}

interface BenchClient {
  counter: {
    upsert(options: object): Promise<unknown>
  }
}

const [broker, registryReady, postgres] = await Promise.all([store('broker'), store('registry'), store('postgres')])
const url = String(postgres['url'])
const registryUrl = String(registryReady['url'])
const brokers = [`127.0.0.1:${String(broker['port'])}`]
await migrateEngine(url)
const project = prismaProject()
project.prisma(['generate'])
const database = await connect({ clientFile: join(project.folder, 'client/client.ts'), url })
const models = await readModels(join(project.folder, 'models/models.json'))
await database.execute(`CREATE TABLE "Counter" (action text, hour timestamptz(3), total integer NOT NULL, "everythingId" uuid,
  PRIMARY KEY (action, hour))`)
const logger = pino({ level: 'error' })
const kafka = connectKafka({ brokers, clientId: 'bench' }, logger)
const registry = createRegistryClient({ url: registryUrl })

async function fill(): Promise<void> {
  const codec = new EventCodec()
  const emitter = createEmitter({
    connect: () => kafka.createProducer(),
    codec,
    schemaId: lazySchemaIds(registry),
    app: 'bench',
  })
  const configs = { 'cleanup.policy': 'delete', 'retention.ms': '-1' }
  await kafka.admin.create([all, few].map(({ name, partitions }) => ({ name, partitions, configs })))
  for (const [topic, count] of [
    [all, events],
    [few, naive],
  ] as const) {
    for (let from = 0; from < count; from += 2000) {
      const part = Array.from({ length: Math.min(2000, count - from) }, (_, at) =>
        Measured({ id: `key-${((from + at) * 7919) % keys}`, n: (from + at) % 100, note: null }),
      )
      await emitter.emit(topic, part)
    }
  }
  await emitter.close()
}

const projection = (name: string, topic: typeof all): Projection => ({
  kind: 'projection',
  name,
  version: 1,
  from: [topic],
  ignore: [],
  tables: {
    Counter: {
      key: ({ key }: { key: string }) => ({ action: key, hour }),
      initial: { total: 0 },
      evolve: {
        Measured: (row: { total: number }, { data }: { data: Measurement }) => ({ ...row, total: row.total + data.n }),
      },
    },
  },
})

/** Events a second, from the first batch to the commit of the last. */
async function engine(name: string, topic: typeof all, count: number): Promise<number> {
  await database.execute('TRUNCATE "Counter"')
  let began = 0
  let applied = 0
  let finish = (): void => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const metrics = createMetrics({ processMetrics: false })
  const definition = projection(name, topic)
  const consumer = await startConsumer({
    definition,
    strategy: new ProjectionStrategy(definition, { models, database }),
    app: 'bench',
    kafka: {
      admin: kafka.admin,
      joinGroup: (options) =>
        kafka.joinGroup({
          ...options,
          handler: {
            assigned: (partitions, signal) => options.handler.assigned(partitions, signal),
            revoked: (partitions) => options.handler.revoked(partitions),
            async batch(batch, signal) {
              if (began === 0) began = performance.now()
              const outcome = await options.handler.batch(batch, signal)
              if (outcome.kind === 'committed') applied += batch.records.length
              if (applied >= count) finish()
              return outcome
            },
          },
        }),
    },
    database,
    decoder: createRecordDecoder(new SchemaDecoder({ registry, now: Date.now }), [topic]),
    logger,
    metrics,
    clock: systemClock,
  })
  await finished
  const rate = (count / (performance.now() - began)) * 1000
  await consumer.stop()
  return rate
}

/** What one writes first: a message at a time, decoded by the registry's client, upserted, awaited. */
async function naively(name: string): Promise<number> {
  await database.execute('TRUNCATE "Counter"')
  const { counter } = database.prisma as unknown as BenchClient
  const schemas = new SchemaRegistry({ host: registryUrl })
  const consumer = new Kafka({ brokers, clientId: name, logLevel: logLevel.NOTHING }).consumer({ groupId: name })
  let began = 0
  let done = 0
  let finish = (): void => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  await consumer.connect()
  await consumer.subscribe({ topic: few.name, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      if (began === 0) began = performance.now()
      const { id, n } = (await schemas.decode(message.value as Buffer)) as Measurement
      await counter.upsert({
        where: { action_hour: { action: id, hour } },
        create: { action: id, hour, total: n },
        update: { total: { increment: n } },
      })
      done += 1
      if (done === naive) finish()
    },
  })
  await finished
  const rate = (naive / (performance.now() - began)) * 1000
  await consumer.disconnect()
  return rate
}

const rows = async (): Promise<string> =>
  JSON.stringify(await database.query('SELECT action, total FROM "Counter" ORDER BY action'))
const median = (samples: readonly number[]): number => [...samples].sort((a, b) => a - b)[samples.length >> 1] ?? 0
const perSecond = (rate: number): string => `${Math.round(rate).toLocaleString('en')} events/s`

try {
  await fill()
  const ours: number[] = []
  const theirs: number[] = []
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    theirs.push(await naively(`naive-${repeat}`))
    ours.push(await engine(`all-${repeat}`, all, events))
    process.stdout.write(
      `repeat ${repeat + 1}: engine ${perSecond(ours[repeat] ?? 0)}, naive ${perSecond(theirs[repeat] ?? 0)}\n`,
    )
  }
  await naively('naive-rows')
  const expected = await rows()
  await engine('few', few, naive)
  const isSame = (await rows()) === expected
  const ratio = median(ours) / median(theirs)
  process.stdout.write(
    `engine: ${events.toLocaleString('en')} events over ${keys.toLocaleString('en')} keys, median ${perSecond(median(ours))}\n` +
      `naive:  ${naive.toLocaleString('en')} events, median ${perSecond(median(theirs))}\n` +
      `ratio:  ${ratio.toFixed(1)}\n` +
      `rows of both over the same ${naive.toLocaleString('en')} events: ${isSame ? 'equal' : 'DIFFERENT'}\n`,
  )
  if (!isSame) process.exitCode = 1
} finally {
  await kafka.close()
  await database.close()
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((resolve) => child.once('exit', resolve))
    }),
  )
  rmSync(folder, { recursive: true, force: true })
  rmSync(project.folder, { recursive: true, force: true })
}
