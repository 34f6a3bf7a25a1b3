// A store that hangs, with its connections open, is the outage that is hardest to notice. While one does, requests that need it
// get 503 in time and say when to come again; consumers pause and go on by themselves; nothing is parked and nothing lost.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { Client } from 'pg'

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { requestIdOf } from '../../demo/request-id-of.ts'
import { processesBelow } from '../fixtures/processes-below.ts'
import { until } from '../fixtures/until.ts'
import { startStack, type Stack } from './start-stack.ts'

const emitTimeoutMs = 2000
const queryTimeoutMs = 1000
/** What the machine may add to a bound of ours. */
const slackMs = 2000

let data: string
let stack: Stack
let stopped: readonly number[] = []

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-outage-'))
  const env = {
    FAKE_FAULTS: 'off',
    LOG_LEVEL: 'error',
    MILLRACE_EMIT_TIMEOUT_MS: String(emitTimeoutMs),
    MILLRACE_QUERY_TIMEOUT_MS: String(queryTimeoutMs),
  }
  stack = await startStack({ data, env })
})
beforeEach(() => goOn())
afterAll(async () => {
  goOn()
  await stack.stop()
  rmSync(data, { recursive: true, force: true })
})

/** Freezes a store: its ports stay open and nothing answers. */
function freeze(store: 'broker' | 'registry' | 'postgres'): void {
  const pid = stack.pidOf(store)
  stopped = [pid, ...processesBelow(pid)]
  for (const one of stopped) process.kill(one, 'SIGSTOP')
}

function goOn(): void {
  for (const pid of stopped) process.kill(pid, 'SIGCONT')
  stopped = []
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly ms: number
  readonly body: string
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const begin = performance.now()
  const response = await fetch(`${stack.url}${path}`, { ...init, signal: AbortSignal.timeout(60_000) })
  const body = await response.text()
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    ms: performance.now() - begin,
    body,
  }
}

function post(key: string): Promise<Answer> {
  return ask('/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ userId: key, text: 'help' }),
  })
}

/** A 503 that came in time and says when to come again. */
function expectRefused({ status, retryAfter, ms }: Answer, withinMs: number): void {
  expect(status).toBe(503)
  expect(Number(retryAfter)).toBeGreaterThan(0)
  expect(ms).toBeLessThan(withinMs + slackMs)
}

/** Posts again, under the same keys, what was refused, and sees each message accepted once and answered. */
async function expectAllAnswered(keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    let answer: Answer | undefined
    await until(`${key} is accepted`, async () => (answer = await post(key)).status === 202, 30_000)
    const id = (JSON.parse(answer?.body ?? '') as { ids: string[] }).ids[0] ?? ''
    await until(`${key} is answered`, () => isAnswered(id), 30_000)
    await until(`${key} made one request`, async () => (await countRequests(key)) === 1)
  }
}

async function countRequests(userId: string): Promise<number> {
  const { body } = await ask(`/requests?userId=${userId}`)
  return (JSON.parse(body) as { items: unknown[] }).items.length
}

async function isAnswered(messageId: string): Promise<boolean> {
  const { status, body } = await ask(`/requests/${requestIdOf(messageId)}`)
  return status === 200 && (JSON.parse(body) as { reply: string }).reply === 'delivered'
}

async function countParked(): Promise<number> {
  const client = new Client({ connectionString: stack.environment['DATABASE_URL'] })
  await client.connect()
  const { rows } = await client.query<{ parked: number }>('SELECT count(*)::int AS parked FROM millrace.parked')
  await client.end()
  return rows[0]?.parked ?? -1
}

async function produce(topic: string, key: string, value: Buffer): Promise<void> {
  const kafka = new Kafka({ brokers: [stack.environment['KAFKA_BROKERS'] ?? ''], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: [{ key, value }] })
  await producer.disconnect()
}

const keys = (name: string): string[] => Array.from({ length: 5 }, (_, index) => `${name}-${index}`)

test('a broker that hangs', async () => {
  const before = await Promise.all(keys('before-broker').map(post))
  expect(before.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
  freeze('broker')
  const refused = keys('broker')
  for (const key of refused.slice(0, 3)) expectRefused(await post(key), emitTimeoutMs)
  for (const answer of await Promise.all(refused.slice(3).map(post))) expectRefused(answer, emitTimeoutMs)
  // What is in the tables can still be asked for.
  expect((await ask('/models/request-status')).status).toBe(200)
  goOn()
  await expectAllAnswered([...keys('before-broker'), ...refused])
  expect(await countParked()).toBe(0)
})

test('a Postgres that hangs', async () => {
  const before = await Promise.all(keys('before-postgres').map(post))
  expect(before.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
  freeze('postgres')
  const refused = keys('postgres')
  for (let round = 0; round < 3; round += 1) expectRefused(await ask('/models/request-status'), queryTimeoutMs)
  for (const answer of await Promise.all(refused.map(post))) expectRefused(answer, emitTimeoutMs)
  goOn()
  await expectAllAnswered([...keys('before-postgres'), ...refused])
  expect(await countParked()).toBe(0)
})

test('a registry that hangs', async () => {
  const topic = 'assistant.messages'
  const subject = `${topic}-dev.example.assistant.v1.MessageReceived`
  const url = stack.environment['SCHEMA_REGISTRY_URL'] ?? ''
  const latest = (await (await fetch(`${url}/subjects/${subject}/versions/latest`)).json()) as { schema: string }
  const schema = JSON.parse(latest.schema) as { fields: object[] }
  const newer = { ...schema, fields: [...schema.fields, { name: 'mood', type: 'string', default: '' }] }
  const registered = await fetch(`${url}/subjects/outage/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: JSON.stringify(newer) }),
  })
  const { id } = (await registered.json()) as { id: number }
  freeze('registry')

  // An event whose schema nobody has asked for before: its partition waits.
  const messageId = randomUUID()
  const payload = avsc.Type.forSchema(newer as avsc.Schema, { logicalTypes: {} }).toBuffer({
    messageId,
    replyTo: { channelType: 'HTTP', address: 'mood', threadId: null, opaque: {} },
    channelType: 'HTTP',
    workspaceId: 'default',
    conversationId: 'mood',
    threadId: null,
    userId: 'mood',
    text: 'help',
    sentAt: Date.now(),
    receivedAt: Date.now(),
    expiresAt: null,
    mood: 'fine',
  })
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  await produce(topic, 'mood', Buffer.concat([head, payload]))
  // What is known already needs no registry, and flows by in the partitions that do not wait.
  const others = Array.from({ length: 24 }, (_, index) => `other-${index}`)
  const answers = await Promise.all(others.map(post))
  expect(answers.filter(({ status }) => status !== 202)).toEqual([])
  const ids = answers.map(({ body }) => (JSON.parse(body) as { ids: string[] }).ids[0] ?? '')
  await until('some are answered', async () => (await Promise.all(ids.map(isAnswered))).includes(true), 30_000)
  expect(await isAnswered(messageId)).toBe(false)
  goOn()
  await until('the event is answered', () => isAnswered(messageId), 30_000)
  await expectAllAnswered(others)
  expect(await countParked()).toBe(0)
})
