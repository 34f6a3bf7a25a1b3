// What keeps a stack from starting is told in one message with all problems, with exit code 2, and nothing is left running.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { aliveOf } from '../fixtures/alive-of.ts'
import { processesBelow } from '../fixtures/processes-below.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-refused-')))
const cli = resolve('bin/millrace.js')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  readonly code: number | null
  readonly errors: string
  /** Every process that it started at any time and that still runs. */
  readonly left: readonly number[]
}

async function run(words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = process.cwd()): Promise<Run> {
  const program = spawn(process.execPath, [cli, ...words], {
    cwd,
    env: {
      ...process.env,
      PORT: '0',
      BROKER_PORT: '0',
      REGISTRY_PORT: '0',
      POSTGRES_PORT: '0',
      MILLRACE_DATA: join(folder, 'data'),
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  program.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const started = new Set<number>()
  const look = setInterval(() => {
    for (const pid of processesBelow(program.pid ?? 0)) started.add(pid)
  }, 100)
  const [code] = (await once(program, 'close')) as [number | null]
  clearInterval(look)
  return { code, errors, left: aliveOf([...started]) }
}

function expectOneMessage({ code, errors, left }: Run): void {
  expect(errors).not.toMatch(/^\s+at /m)
  expect(errors.match(/^millrace start: /gm)).toHaveLength(1)
  expect(code).toBe(2)
  expect(left).toEqual([])
}

/** A project as `millrace init` makes it, with this checkout's packages in the place of installed ones. */
async function makeProject(name: string): Promise<string> {
  const project = join(folder, name)
  expect(await run(['init', project])).toMatchObject({ code: 0 })
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(resolve('.'), join(project, 'node_modules/millrace'))
  return project
}

test('ports that are taken are all named', async () => {
  const servers = [createServer(), createServer(), createServer()]
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  const [port, broker, registry] = servers.map((server) => String((server.address() as AddressInfo).port))
  const refused = await run(['start'], { PORT: port, BROKER_PORT: broker, REGISTRY_PORT: registry })
  for (const server of servers) server.close()

  expectOneMessage(refused)
  expect(refused.errors).toContain(`PORT: port ${port} of 127.0.0.1 is taken`)
  expect(refused.errors).toContain(`BROKER_PORT: port ${broker} of 127.0.0.1 is taken`)
  expect(refused.errors).toContain(`REGISTRY_PORT: port ${registry} of 127.0.0.1 is taken`)
})

test('the port of Postgres is named, and the stores that were started are stopped', async () => {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const refused = await run(['start'], { POSTGRES_PORT: String(port) })
  server.close()

  expectOneMessage(refused)
  expect(refused.errors).toContain(`Postgres cannot listen on 127.0.0.1:${port}`)
  expect(refused.errors).toContain('set POSTGRES_PORT to another one')
})

test('settings that are wrong are all named', async () => {
  const refused = await run(['start'], { PORT: 'eighty', LOG_LEVEL: 'loud', KAFKA_SASL_USERNAME: 'ada' })
  expectOneMessage(refused)
  expect(refused.errors).toContain('3 settings are wrong')
  for (const name of ['PORT', 'LOG_LEVEL', 'KAFKA_SASL_USERNAME']) expect(refused.errors).toContain(name)
})

test('a folder that is no project is told from one', async () => {
  const refused = await run(['start'], {}, folder)
  expectOneMessage(refused)
  expect(refused.errors).toContain('is no Millrace project')
})

test('a Prisma client that was not generated is missed before anything starts', async () => {
  const refused = await run(['start'], {}, await makeProject('no-client'))
  expectOneMessage(refused)
  expect(refused.errors).toContain('npx prisma generate')
})

test('definitions that are broken are all named, by file', async () => {
  const project = await makeProject('broken')
  writeFileSync(join(project, 'consumers/projections/throws.ts'), `throw new Error('no luck')\n`)
  writeFileSync(join(project, 'consumers/projections/other.ts'), `export default { kind: 'query' }\n`)
  const refused = await run(['start'], {}, project)
  expectOneMessage(refused)
  expect(refused.errors).toContain('consumers/projections/throws.ts: it does not load: no luck')
  expect(refused.errors).toContain('consumers/projections/other.ts: it defines a query')
})
