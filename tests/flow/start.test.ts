// `millrace start` as a newcomer meets it: ready soon, its lines work as printed, it ends whole, however it ends, and its data stays.
import { exec, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, afterEach, expect, test, vi } from 'vitest'

import { aliveOf } from '../fixtures/alive-of.ts'
import { isPortOpen } from '../fixtures/is-port-open.ts'
import { processesBelow } from '../fixtures/processes-below.ts'
import { until } from '../fixtures/until.ts'
import { startStack, type Stack } from './start-stack.ts'

const run = promisify(exec)
const data = mkdtempSync(join(tmpdir(), 'millrace-start-'))
const env = {
  ...process.env,
  PORT: '0',
  BROKER_PORT: '0',
  REGISTRY_PORT: '0',
  POSTGRES_PORT: '0',
  MILLRACE_DATA: data,
  LOG_LEVEL: 'warn',
}
const stacks: Stack[] = []

async function start(): Promise<Stack> {
  const stack = await startStack({ data })
  stacks.push(stack)
  return stack
}

afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.killSupervisor()
})
afterAll(() => rmSync(data, { recursive: true, force: true }))

const portsOf = ({ environment }: Stack): number[] =>
  ['PORT', 'KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL'].map((name) =>
    Number(/\d+(?=\/|$)/.exec(environment[name]?.replace(/\/\w+$/, '') ?? '')?.[0]),
  )

const openPorts = async (ports: readonly number[]): Promise<readonly number[]> => {
  const open = await Promise.all(ports.map(isPortOpen))
  return ports.filter((_, index) => open[index])
}

async function rowsOf(stack: Stack, model: string): Promise<unknown> {
  const response = await fetch(`${stack.url}/models/${model}?limit=100`)
  expect(response.status).toBe(200)
  return ((await response.json()) as { items: unknown }).items
}

async function post(stack: Stack, text: string): Promise<string> {
  const response = await fetch(`${stack.url}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId: 'ada', text }),
  })
  expect(response.status).toBe(202)
  return ((await response.json()) as { token: string }).token
}

test('an empty folder is ready within 20 s; Ctrl-C ends all of it within 5 s; a second start has all data; kill -9 of the supervisor ends all within 2 s', async () => {
  const begin = performance.now()
  const first = await start()
  const seconds = (performance.now() - begin) / 1000
  console.log(`ready on an empty folder after ${seconds.toFixed(1)} s`)
  expect(seconds).toBeLessThan(20)

  const token = await post(first, 'set my location to Oslo')
  const seen = await fetch(`${first.url}/models/conversation-log?after=${token}&wait=5s`)
  expect(seen.status).toBe(200)
  await until('the message is answered', async () => (await answered(first)) === 1)
  // The row is fed by several topics; the last word may be there before an earlier one.
  await until('the row is whole', async () => !/At":null/.test(JSON.stringify(await rowsOf(first, 'request-status'))))
  const rows = await rowsOf(first, 'request-status')

  const pids = [first.pid, ...processesBelow(first.pid)]
  const ports = portsOf(first)
  expect(await openPorts(ports)).toEqual(ports)
  const { code, ms } = await first.stop()
  console.log(`ended after ${(ms / 1000).toFixed(1)} s`)
  expect(code).toBe(0)
  expect(ms).toBeLessThan(5000)
  expect(aliveOf(pids)).toEqual([])
  expect(await openPorts(ports)).toEqual([])
  expect(first.errors()).toBe('')

  const second = await start()
  expect(await rowsOf(second, 'request-status')).toEqual(rows)
  await post(second, 'help')
  await until('a message of the second start is answered', async () => (await answered(second)) === 2)

  await expectGoneAfterKill(second)
})

/** How many requests have their last word. */
async function answered(stack: Stack): Promise<number> {
  const { items } = (await (await fetch(`${stack.url}/requests`)).json()) as { items: { reply: string }[] }
  return items.filter(({ reply }) => reply === 'delivered').length
}

/** kill -9 of the supervisor leaves no process and no open port after 2 s. */
async function expectGoneAfterKill(stack: Stack): Promise<void> {
  const pids = processesBelow(stack.pid)
  // Three stores, Postgres itself with its helpers, three roles.
  expect(pids.length).toBeGreaterThan(7)
  const ports = portsOf(stack)
  const begin = performance.now()
  await stack.killSupervisor()
  const gone = async (): Promise<void> => {
    expect(aliveOf(pids)).toEqual([])
    expect(await openPorts(ports)).toEqual([])
  }
  await vi.waitFor(gone, { timeout: 10_000, interval: 50 })
  const ms = performance.now() - begin
  console.log(`gone ${(ms / 1000).toFixed(1)} s after kill -9 of the supervisor`)
  expect(ms).toBeLessThan(2000)
}

/** What a line of the banner prints. */
function answerOf(command: string): RegExp {
  if (!command.startsWith('curl ')) return /request-status/
  return command.includes('POST') ? /^{"ids":\["[^"]+"\],"token":"v1\./ : /^{"items":\[/
}

test('every line of the banner works as it is printed', async () => {
  const supervisor = spawn(process.execPath, [resolve('bin/millrace.js'), 'start'], { env, stdio: 'pipe' })
  try {
    let printed = ''
    supervisor.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
    await until('the banner', () => printed.includes('npx millrace doctor\n'), 20_000)

    const [, http = '', docs = ''] = /http +(\S+) +\(API page at (\S+)\)/.exec(printed) ?? []
    expect((await fetch(docs)).status).toBe(200)
    expect((await fetch(`${http}/health/ready`)).status).toBe(200)

    const lines = printed.slice(printed.indexOf('Try, in another terminal:')).split('\n').slice(1)
    const commands = lines.map((line) => line.trim()).filter((line) => line !== '')
    expect(commands.filter((line) => line.startsWith('curl ')).length).toBeGreaterThanOrEqual(3)
    for (const command of commands) {
      const began = performance.now()
      const { stdout } = await run(command, { env: { ...process.env, MILLRACE_DATA: data }, encoding: 'utf8' })
      expect(stdout).toMatch(answerOf(command))
      console.log(`${(performance.now() - began).toFixed(0)} ms  ${command}`)
    }
  } finally {
    supervisor.kill('SIGINT')
    await new Promise((done) => supervisor.once('exit', done))
  }
})

test('Ctrl-C while it starts leaves nothing behind', async () => {
  const supervisor = spawn(process.execPath, [resolve('bin/millrace.js'), 'start', '--json'], { env, stdio: 'pipe' })
  let printed = ''
  supervisor.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  await until('the first child is there', () => printed.includes('"starting"'))
  const pids = processesBelow(supervisor.pid ?? 0)
  const begin = performance.now()
  supervisor.kill('SIGINT')
  const code = await new Promise((done) => supervisor.once('exit', done))
  expect(code).toBe(0)
  expect(performance.now() - begin).toBeLessThan(5000)
  expect(pids.length).toBeGreaterThan(0)
  expect(aliveOf(pids)).toEqual([])
})
