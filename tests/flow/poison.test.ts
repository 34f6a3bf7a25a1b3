// Whatever bytes lie on a topic: each record is parked with its bytes, position and reason, no process dies of it, the next event
// flows, and what was parked can be redriven when the cause is gone. The records are written by a plain client.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import avsc from 'avsc'
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { Client } from 'pg'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { requestIdOf } from '../../demo/request-id-of.ts'
import { until } from '../fixtures/until.ts'
import { startStack, type Stack } from './start-stack.ts'

const topic = 'assistant.messages'
const record = 'dev.example.assistant.v1.MessageReceived'
/** Those that read the topic. */
const consumers = ['conversation-log.v1', 'request-status.v1', 'router.v1']

let data: string
let stack: Stack
let database: Client
let producer: Producer

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-poison-'))
  stack = await startStack({ data, env: { FAKE_FAULTS: 'off' } })
  database = new Client({ connectionString: stack.environment['DATABASE_URL'] })
  await database.connect()
  const kafka = new Kafka({ brokers: [stack.environment['KAFKA_BROKERS'] ?? ''], logLevel: logLevel.NOTHING })
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
})
afterAll(async () => {
  await producer.disconnect()
  await database.end()
  await stack.stop()
  rmSync(data, { recursive: true, force: true })
})

interface Placed {
  readonly name: string
  readonly partition: number
  readonly offset: string
  readonly value: Buffer | null
}

interface Raw {
  readonly value: Buffer | null
  readonly key?: string | null
  readonly partition?: number
  readonly headers?: Record<string, string>
}

async function put(name: string, { value, key = name, ...rest }: Raw): Promise<Placed> {
  const [placed] = await producer.send({ topic, acks: -1, messages: [{ value, key, ...rest }] })
  return { name, partition: placed?.partition ?? -1, offset: placed?.baseOffset ?? '', value }
}

/** The schema of messages as the registry has it. */
async function messageSchema(): Promise<{ fields: object[] }> {
  const { schema } = await registry<{ schema: string }>(`/subjects/${topic}-${record}/versions/latest`)
  return JSON.parse(schema) as { fields: object[] }
}

async function registry<Answer>(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${stack.environment['SCHEMA_REGISTRY_URL']}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(200)
  return (await response.json()) as Answer
}

async function register(subject: string, schema: object): Promise<number> {
  return (await registry<{ id: number }>(`/subjects/${subject}/versions`, { schema: JSON.stringify(schema) })).id
}

const framed = (id: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, payload])
}

/** A whole number as Avro writes it. */
function long(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value < 0n ? -value * 2n - 1n : value * 2n
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

/** Fields whose few bytes claim to be much: they stand before the message's own, where every reader meets them. */
const bombs: readonly [name: string, type: unknown, bytes: Buffer][] = [
  ['array-of-ints', { type: 'array', items: 'int' }, long(1_000_000_000n)],
  ['array-of-nulls', { type: 'array', items: 'null' }, long(1_000_000_000n)],
  ['array-of-strings', { type: 'array', items: 'string' }, long(100_000_000n)],
  ['map-of-ints', { type: 'map', values: 'int' }, long(100_000_000n)],
  ['map-without-end', { type: 'map', values: 'int' }, long(2n ** 50n)],
  ['empty-records', { type: 'array', items: { type: 'record', name: 'Nothing', fields: [] } }, long(10_000_000n)],
  ['long-string', 'string', long(2n ** 31n)],
  ['endless-string', 'string', long(2n ** 51n)],
  ['negative-string', 'string', long(-5n)],
  [
    'deep-record',
    { type: 'record', name: 'Deep', fields: [{ name: 'next', type: ['null', 'Deep'] }] },
    Buffer.alloc(5000, 2),
  ],
]

const message = (messageId: string, userId: string, text: string): object => ({
  messageId,
  replyTo: { channelType: 'HTTP', address: userId, threadId: null, opaque: {} },
  channelType: 'HTTP',
  workspaceId: 'default',
  conversationId: userId,
  threadId: null,
  userId,
  text,
  sentAt: Date.now(),
  receivedAt: Date.now(),
  expiresAt: null,
})

async function post(userId: string): Promise<string> {
  const response = await fetch(`${stack.url}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId, text: 'help' }),
  })
  expect(response.status).toBe(202)
  return ((await response.json()) as { ids: string[] }).ids[0] ?? ''
}

async function isAnswered(messageId: string): Promise<boolean> {
  const response = await fetch(`${stack.url}/requests/${requestIdOf(messageId)}`)
  return response.status === 200 && ((await response.json()) as { reply: string }).reply === 'delivered'
}

async function millrace<Answer>(...words: string[]): Promise<Answer> {
  const env = { ...process.env, ...stack.environment, LOG_LEVEL: 'silent' }
  const { stdout } = await promisify(execFile)(process.execPath, ['bin/millrace.js', ...words, '--json'], { env })
  return JSON.parse(stdout) as Answer
}

interface ParkedRow {
  readonly consumer: string
  readonly partition: number
  readonly offset: string
  readonly value: Buffer | null
  readonly status: string
  readonly reason: string
  readonly detail: string
}

async function parked(): Promise<readonly ParkedRow[]> {
  const { rows } = await database.query<ParkedRow>(
    `SELECT consumer, partition, record_offset::text AS "offset", record_value AS "value", status, reason, detail
     FROM millrace.parked WHERE topic = $1`,
    [topic],
  )
  return rows
}

const roles = ['http', 'consumers', 'scheduler', 'broker', 'registry', 'postgres']

test('poison is parked as it is, and everything else flows on', async () => {
  const pids = roles.map((role) => stack.pidOf(role))
  const schema = await messageSchema()
  const type = avsc.Type.forSchema(schema as avsc.Schema, { logicalTypes: {} })
  const { id } = await registry<{ id: number }>(`/subjects/${topic}-${record}/versions/latest`)
  const { id: profileId } = await registry<{ id: number }>(
    '/subjects/assistant.users-dev.example.assistant.v1.UserProfileChanged/versions/latest',
  )
  const bytes = type.toBuffer(message(randomUUID(), 'poison', 'help'))
  const good = framed(id, bytes)

  const placed: Placed[] = []
  for (const [name, field, payload] of bombs) {
    const bombId = await register(`poison-${name}`, {
      ...schema,
      fields: [{ name: 'bomb', type: field }, ...schema.fields],
    })
    placed.push(await put(name, { value: framed(bombId, payload) }))
  }
  for (let length = 0; length < 5; length += 1)
    placed.push(await put(`${length}-bytes`, { value: good.subarray(0, length) }))
  placed.push(
    await put('tombstone', { value: null }),
    await put('wrong-magic', { value: Buffer.concat([Buffer.from([1]), good.subarray(1)]) }),
    await put('unknown-schema', { value: framed(999_999, bytes) }),
    await put('truncated', { value: good.subarray(0, -3) }),
    await put('trailing', { value: Buffer.concat([good, Buffer.from([0])]) }),
    await put('other-type', { value: framed(profileId, Buffer.alloc(40, 2)) }),
    await put('other-header', { value: good, headers: { ce_type: 'dev.example.assistant.v1.UserProfileChanged' } }),
    await put('text', { value: Buffer.from('{"userId":"ada"}') }),
    await put('no-key', { key: null, value: Buffer.from('no key, no headers'), partition: 3 }),
    await put('huge', { value: framed(id, Buffer.alloc(900_000, 0xff)) }),
  )
  const probe = await put('wrong-partition', { value: good.subarray(0, 1) })
  placed.push(probe, await put('wrong-partition', { value: good, partition: (probe.partition + 1) % 12 }))

  // Users enough for every partition to have some. They come behind the poison, and each is answered.
  const sentAt = performance.now()
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => post(`user-${index}`)))
  for (const messageId of answers) await until('a good message is answered', () => isAnswered(messageId), 20_000)
  console.log(`40 good messages behind the poison answered after ${((performance.now() - sentAt) / 1000).toFixed(1)} s`)

  // The good ones have passed all partitions, for each consumer.
  const rows = await parked()
  const place = (at: { partition: number; offset: string }): string => `${at.partition}/${at.offset}`
  for (const consumer of consumers) {
    const found = new Map(rows.filter((row) => row.consumer === consumer).map((row) => [place(row), row]))
    expect([...found.keys()].sort()).toEqual(placed.map(place).sort())
    for (const { name, value, ...at } of placed) {
      const row = found.get(place(at))
      expect({ name, same: row?.value === null ? value === null : value !== null && row?.value.equals(value) }).toEqual(
        { name, same: true },
      )
    }
  }
  const reasons = Object.fromEntries(
    placed.map((one) => [one.name, rows.find((row) => place(row) === place(one))?.reason]),
  )
  console.log(reasons)
  expect(reasons).toMatchObject({
    tombstone: 'wrong-type',
    'unknown-schema': 'undecodable',
    'other-header': 'wrong-type',
    'wrong-partition': 'wrong-partition',
  })
  expect(rows.filter(({ detail }) => detail.trim() === '')).toEqual([])
  expect(roles.map((role) => stack.pidOf(role))).toEqual(pids)

  const listed = await millrace<{ partition: number; offset: string }[]>(
    'parked',
    'list',
    '--each',
    '--consumer',
    'router',
  )
  expect(listed.map(place).sort()).toEqual(placed.map(place).sort())
  const cut = placed.find(({ name }) => name === 'truncated')
  const shown = await millrace<object>('parked', 'show', 'router', topic, String(cut?.partition), String(cut?.offset))
  expect(shown).toMatchObject({ reason: 'undecodable', record: { key: 'truncated', hex: cut?.value?.toString('hex') } })
})

test('an event of a schema that was not registered runs when it is, and is redriven', async () => {
  const schema = await messageSchema()
  const last = await register('poison-last', { type: 'record', name: 'Last', fields: [] })
  const later = { ...schema, fields: [...schema.fields, { name: 'mood', type: 'string', default: '' }] }
  const type = avsc.Type.forSchema(later as avsc.Schema, { logicalTypes: {} })
  const messageId = randomUUID()
  const value = framed(last + 1, type.toBuffer({ ...message(messageId, 'early', 'help'), mood: 'fine' }))
  const { partition, offset } = await put('early', { value })
  const ours = async (): Promise<readonly ParkedRow[]> =>
    (await parked()).filter((row) => row.partition === partition && row.offset === offset)
  await until('it is parked', async () => (await ours()).length === consumers.length)

  expect(await register('poison-later', later)).toBe(last + 1)
  // An id that was unknown is asked for again after some seconds, so the first redrive may come too early.
  await until(
    'it is applied everywhere',
    async () => {
      for (const { consumer, status } of await ours()) {
        if (status !== 'parked') continue
        await millrace('parked', 'redrive', consumer, topic, String(partition), offset)
      }
      return (await ours()).length === 0
    },
    40_000,
  )
  await until('it is answered', () => isAnswered(messageId))
})
