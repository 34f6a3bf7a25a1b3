// The demo's thousand messages while every process of the stack is killed with -9, one at a time, with work in flight. The end is
// the one that the seed foretells, and the read models are those that the verifier folds from the topics.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { planMessages } from '../../demo/plan-messages.ts'
import { postMessage } from '../../demo/post-message.ts'
import { readRequests } from '../../demo/read-requests.ts'
import { requestIdOf } from '../../demo/request-id-of.ts'
import { aliveOf } from '../fixtures/alive-of.ts'
import { processesBelow } from '../fixtures/processes-below.ts'
import { until } from '../fixtures/until.ts'
import { startStack, type Stack } from '../flow/start-stack.ts'

const seed = 1
const people = 50
const total = 1000
const plan = planMessages(seed, people, total)
/** Who is killed, and how many messages are accepted by then. */
const kills = [
  ['http', 90],
  ['consumers', 200],
  ['scheduler', 310],
  ['broker', 420],
  ['registry', 530],
  ['postgres', 640],
  ['supervisor', 750],
] as const
/** Messages sent beyond the next kill, so that some are on their way when it comes, and as many again when the process is back. */
const ahead = 50

const env = {
  FAKE_SEED: String(seed),
  WEATHER_TIMEOUT_MS: '2000',
  WEATHER_RETRY_DELAYS_MS: '100,300,1000,3000,10000',
  SENDER_RETRY_DELAYS_MS: '100,300,1000,3000',
}
let data: string
let stack: Stack

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-kills-'))
  stack = await startStack({ data, env })
})
afterAll(async () => {
  await client?.end()
  await stack.stop()
  rmSync(data, { recursive: true, force: true })
})

/** The ids of accepted messages by their index. */
const accepted = new Map<number, string>()
/** How many messages may be sent by now, and who waits to send one. */
let allowed = 0
let sent = 0
const waiting: (() => void)[] = []

async function maySend(): Promise<void> {
  if (sent >= allowed) {
    await new Promise<void>((resume) => waiting.push(resume))
    return maySend()
  }
  sent += 1
}

function allow(messages: number): void {
  allowed = messages
  for (const resume of waiting.splice(0)) resume()
}

/** Each person sends one message after the other, all people at once, as far as they are allowed to. */
async function sendAll(): Promise<void> {
  const sendOf = async (person: number): Promise<void> => {
    for (const { index, text, isExpired } of plan.filter((message) => message.person === person)) {
      await maySend()
      const expiresAt = isExpired ? new Date(Date.now() - 60_000).toISOString() : null
      const post = { userId: `person-${person + 1}`, text, expiresAt }
      accepted.set(index, (await postMessage(stack.url, `kills-${index}`, post)).messageId)
    }
  }
  await Promise.all(Array.from({ length: people }, (_, person) => sendOf(person)))
}

let client: Client | null = null

/** How many requests have ended and been answered, asked of Postgres itself; null while it is away. */
async function countEnded(): Promise<number | null> {
  try {
    client ??= await connect()
    const { rows } = await client.query<{ ended: number }>(
      `SELECT count(*)::int AS ended FROM request_status
       WHERE status NOT IN ('unknown', 'received', 'requested') AND reply IN ('delivered', 'failed')`,
    )
    return rows[0]?.ended ?? 0
  } catch (error) {
    // What is wrong with the statement itself is no outage.
    if (String((error as { code?: unknown }).code).startsWith('42')) throw error
    client = null
    return null
  }
}

async function connect(): Promise<Client> {
  const opened = new Client({ connectionString: stack.environment['DATABASE_URL'], connectionTimeoutMillis: 1000 })
  opened.on('error', () => undefined)
  await opened.connect()
  return opened
}

/** Kills one process with -9 and resolves when it is back. */
async function kill(role: (typeof kills)[number][0]): Promise<void> {
  if (role === 'supervisor') {
    const pids = processesBelow(stack.pid)
    await stack.killSupervisor()
    await until('all its processes are gone', () => aliveOf(pids).length === 0)
    return startAgain()
  }
  // Of Postgres the server itself, not the program that has started it.
  if (role === 'postgres') process.kill(serverPid(), 'SIGKILL')
  else stack.kill(role)
  await stack.whenRestarted(role, 1)
}

function serverPid(): number {
  return Number(readFileSync(join(data, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0])
}

/** As by hand: on the same data and ports. */
async function startAgain(): Promise<void> {
  const { environment } = stack
  const portOf = (name: string): string => /:(\d+)(\/\w+)?$/.exec(environment[name] ?? '')?.[1] ?? ''
  const ports = {
    PORT: environment['PORT'] ?? '',
    BROKER_PORT: portOf('KAFKA_BROKERS'),
    REGISTRY_PORT: portOf('SCHEMA_REGISTRY_URL'),
    POSTGRES_PORT: portOf('DATABASE_URL'),
  }
  stack = await startStack({ data, env: { ...env, ...ports } })
}

/** Resolves when another request has ended and another message was accepted. */
async function progress(after: string): Promise<void> {
  let ended: number | null = null
  const acceptedBefore = accepted.size
  const moved = async (): Promise<boolean> => {
    const now = await countEnded()
    ended ??= now
    return now !== null && ended !== null && now > ended && accepted.size > acceptedBefore
  }
  await until(`requests end and messages are accepted after the kill of ${after}`, moved, 30_000)
}

test('kill -9 of each process in the middle of a thousand messages changes nothing of the end', async () => {
  const since = new Date(Date.now() - 60_000)
  const sending = sendAll()
  sending.catch(() => undefined)
  for (const [role, at] of kills) {
    allow(at + ahead)
    await until(`${at} messages are accepted`, () => accepted.size >= at, 60_000)
    const n = accepted.size
    const inFlight = sent - ((await countEnded()) ?? sent)
    const killedAt = performance.now()
    await kill(role)
    // Work that was under way may still come to its end without the process; only what follows its return counts.
    allow(at + 2 * ahead)
    await progress(role)
    const seconds = (performance.now() - killedAt) / 1000
    console.log(`killed ${role} at ${n} of 1,000, in flight ${inFlight}, first progress after ${seconds.toFixed(1)} s`)
    expect(inFlight).toBeGreaterThan(0)
  }
  allow(total)
  await sending
  expect(accepted.size).toBe(total)
  await until('every request has ended', async () => (await countEnded()) === total, 60_000)

  const rows = await readRequests(stack.url, since)
  const wrong = plan.filter(({ index, fate }) => rows.get(requestIdOf(accepted.get(index) ?? ''))?.status !== fate)
  expect(wrong).toEqual([])
  const verified = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'demo/verify.ts'], {
    env: { ...process.env, ...stack.environment },
  })
  console.log(verified.stdout)
  expect(verified.stdout.match(/rows [\d,]+, rows that differ: 0/g)).toHaveLength(5)
}, 150_000)
