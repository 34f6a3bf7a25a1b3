// The consumer that everybody writes first: kafkajs's eachMessage, the registry library's decode, one upsert, all awaited.
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { PrismaPg } from '@prisma/adapter-pg'
import { Kafka, logLevel } from 'kafkajs'
import { accountsTopic } from './accounts-topic.ts'
import { readTask, Stopwatch } from './consumer-report.ts'
import { PrismaClient } from './prisma/generated/client/client.ts'

/** As the registry's library decodes it: without logical types. */
interface Decoded {
  readonly accountId: string
  readonly owner: string
  readonly status: string
  readonly balance: number
  readonly currency: string
  readonly revision: number
  readonly active: boolean
  readonly note: string | null
  readonly tags: string[]
  readonly changedAt: number
}

const task = readTask()
const registry = new SchemaRegistry({ host: task.registry })
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: task.database }) })
const kafka = new Kafka({ brokers: [task.broker], clientId: 'naive', logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: task.group })
const stopwatch = new Stopwatch()
const taken: Record<number, number> = {}
let count = 0

async function upsertAccount(event: Decoded): Promise<void> {
  const { accountId: id, changedAt, ...fields } = event
  await prisma.account.upsert({
    where: { id },
    create: { id, ...fields, changedAt: new Date(changedAt), changes: 1 },
    update: { ...fields, changedAt: new Date(changedAt), changes: { increment: 1 } },
  })
}

async function upsertOwner({ owner, status, revision }: Decoded): Promise<void> {
  const closed = status === 'CLOSED' ? 1 : 0
  await prisma.ownerTotal.upsert({
    where: { owner },
    create: { owner, changes: 1, closed, balance: revision },
    update: { changes: { increment: 1 }, closed: { increment: closed }, balance: { increment: revision } },
  })
}

const upsert = task.kind === 'owned' ? upsertAccount : upsertOwner
await consumer.connect()
await consumer.subscribe({ topic: accountsTopic.name, fromBeginning: true })
await new Promise<void>((resolve, reject) => {
  consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
  consumer
    .run({
      eachMessage: async ({ partition, message }) => {
        if (count === task.events || message.value === null) return
        stopwatch.begin()
        await upsert((await registry.decode(message.value)) as Decoded)
        taken[partition] = (taken[partition] ?? 0) + 1
        count += 1
        if (count < task.events) return
        stopwatch.end(taken, [])
        resolve()
      },
    })
    .catch(reject)
})
await consumer.disconnect()
await prisma.$disconnect()
