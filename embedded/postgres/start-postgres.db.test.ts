import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, lstatSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { isAlive } from '../../tests/fixtures/is-alive.ts'
import { SettingError } from '../process/setting-error.ts'
import { startPostgres } from './start-postgres.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

let folder: string
let dataDir: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postgres-'))
  chmodSync(folder, 0o755)
  dataDir = join(folder, 'data')
})
const programs: ChildProcess[] = []
afterEach(async () => {
  for (const program of programs.splice(0)) {
    if (program.exitCode !== null || program.signalCode !== null) continue
    program.kill('SIGTERM')
    await once(program, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

/** The first column of what the last statement gives. */
async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // Several statements give a list of results.
    const results = [await client.query<Record<string, unknown>>(sql)].flat()
    return (results.at(-1)?.rows ?? []).map((row) => Object.values(row)[0])
  } finally {
    await client.end()
  }
}

const postmasterPid = (): number => Number(readFileSync(join(dataDir, 'cluster/postmaster.pid'), 'utf8').split('\n')[0])

/** The process form, without an IPC channel: what it writes comes as text. */
function run(args: string[], account = {}): ChildProcess {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  const program = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: [...stdio], ...account })
  programs.push(program)
  return program
}

function childOf(parent: number | undefined, command: string): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  const found = lines
    .map((line) => line.trim().split(/\s+/))
    .find(([, ppid, ...args]) => {
      return Number(ppid) === parent && args.join(' ').includes(command)
    })
  return Number(found?.[0])
}

async function firstLine(program: ChildProcess): Promise<Record<string, unknown>> {
  const [chunk] = (await once(program.stdout!, 'data')) as [Buffer]
  return JSON.parse(chunk.toString()) as Record<string, unknown>
}

test('data is there after a stop, and after kill -9 of the server', async () => {
  const first = await startPostgres({ dataDir })
  await query(first.url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)')
  await first.stop()

  const second = await startPostgres({ dataDir })
  await query(second.url, 'INSERT INTO kept VALUES (2)')
  process.kill(postmasterPid(), 'SIGKILL')
  expect((await second.ended).message).toContain('Postgres ended by itself')

  await using third = await startPostgres({ dataDir })
  expect(await query(third.url, 'SELECT n FROM kept ORDER BY n')).toEqual([1, 2])
  expect(await query(third.url, 'SHOW fsync')).toEqual(['on'])
})

test('a database is made once, and from a template with what that one holds', async () => {
  await using postgres = await startPostgres({ dataDir, fsync: false })
  const template = await postgres.createDatabase('template')
  await query(template, 'CREATE TABLE t (n int); INSERT INTO t VALUES (7)')

  const copy = await postgres.createDatabase('copy', { template: 'template' })
  await query(copy, 'INSERT INTO t VALUES (8)')
  expect(await postgres.createDatabase('copy')).toBe(copy)
  expect(await query(copy, 'SELECT n FROM t ORDER BY n')).toEqual([7, 8])

  await postgres.createDatabase('copy', { template: 'template', replace: true })
  expect(await query(copy, 'SELECT n FROM t')).toEqual([7])
})

test('when its launcher is killed the server is gone within 2 s', async () => {
  const launcher = run(['--data', dataDir, '--port', '0'])
  await firstLine(launcher)
  const pid = postmasterPid()
  const begin = performance.now()
  launcher.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000, interval: 50 })
  expect(performance.now() - begin).toBeLessThan(2000)
})

test('a server that was left behind is stopped, and its data served again', async () => {
  const launcher = run(['--data', dataDir, '--port', '0'])
  const { url } = await firstLine(launcher)
  await query(String(url), 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)')
  const pid = postmasterPid()
  // Its guard dies before the launcher, so that nothing stops the server.
  const guard = childOf(launcher.pid, 'read -r')
  process.kill(guard, 'SIGKILL')
  await vi.waitFor(() => expect(isAlive(guard)).toBe(false), { timeout: 5000, interval: 50 })
  launcher.kill('SIGKILL')
  await once(launcher, 'exit')
  expect(isAlive(pid)).toBe(true)

  await using postgres = await startPostgres({ dataDir })
  expect(isAlive(pid)).toBe(false)
  expect(await query(postgres.url, 'SELECT n FROM kept')).toEqual([1])
})

test('data in use by another running process is refused', async () => {
  await using postgres = await startPostgres({ dataDir })
  await expect(startPostgres({ dataDir })).rejects.toThrow(
    new SettingError(
      `The Postgres data in ${realpathSync(dataDir)}/cluster is in use by process ${process.pid}: stop that one, or choose another data folder.`,
    ),
  )
  expect(await query(postgres.url, 'SELECT 1')).toEqual([1])
})

test('a lock file that names another program is cleared away', async () => {
  await (await startPostgres({ dataDir })).stop()
  writeFileSync(join(dataDir, 'cluster/postmaster.pid'), `${process.pid}\n${dataDir}/cluster\n`)
  await using postgres = await startPostgres({ dataDir })
  expect(await query(postgres.url, 'SELECT 1')).toEqual([1])
})

test('when the server dies, its program ends with an error, so that a supervisor starts it again', async () => {
  const program = run(['--data', dataDir, '--port', '0'])
  await firstLine(program)
  process.kill(postmasterPid(), 'SIGKILL')
  expect(await once(program, 'exit')).toEqual([1, null])
})

test('a taken port is one line that names the setting, and exit code 2', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const program = run(['--data', dataDir, '--port', String(port)])
  let output = ''
  program.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(program, 'close')) as [number]
  taken.close()

  expect(code).toBe(2)
  expect(output).toBe(
    `Postgres cannot listen on 127.0.0.1:${port} (EADDRINUSE): stop what uses the port, or set POSTGRES_PORT to another one.\n`,
  )
})

test.runIf(isRoot)('below a folder that only root may enter, the data lies elsewhere', async () => {
  chmodSync(folder, 0o700)
  const first = await startPostgres({ dataDir, fsync: false })
  await query(first.url, 'CREATE TABLE kept (n int)')
  await first.stop()
  const elsewhere = realpathSync(dataDir)
  try {
    expect(lstatSync(dataDir).isSymbolicLink()).toBe(true)
    await using second = await startPostgres({ dataDir, fsync: false })
    expect(await query(second.url, 'SELECT count(*)::int FROM kept')).toEqual([0])
    await second.stop()

    // Whoever deletes the link has deleted the data.
    rmSync(dataDir)
    await using third = await startPostgres({ dataDir, fsync: false })
    expect(await query(third.url, "SELECT to_regclass('kept')")).toEqual([null])
  } finally {
    rmSync(elsewhere, { recursive: true, force: true })
  }
})

test.runIf(isRoot)('runs as an ordinary user', async () => {
  chmodSync(folder, 0o777)
  const program = run(['--data', dataDir, '--port', '0'], { uid: NOBODY, gid: NOBODY })
  const { url } = await firstLine(program)
  expect(await query(String(url), 'SELECT current_user')).toEqual(['postgres'])
  expect(lstatSync(join(dataDir, 'cluster')).uid).toBe(NOBODY)
  program.kill('SIGTERM')
  expect(await once(program, 'exit')).toEqual([0, null])
})
