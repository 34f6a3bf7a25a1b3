// What a newcomer does: pack, init, install, test, start, write, read, stop. The project is made from the packed tarball, as from
// a registry.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isAlive } from '../fixtures/is-alive.ts'

const run = promisify(execFile)
const npm = async (args: readonly string[], cwd: string): Promise<string> =>
  (await run('npm', [...args], { cwd })).stdout

let folder: string
let project: string
let stack: ChildProcess | undefined

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-init-'))
  project = join(folder, 'first-steps')
})
afterAll(() => {
  // Only what a failed test left running: its whole process group.
  if (stack?.pid !== undefined && stack.exitCode === null && stack.signalCode === null)
    process.kill(-stack.pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a command of the CLI in the project and gives what it prints with --json. */
const cli = async (...words: readonly string[]): Promise<string> =>
  (await run('npx', ['--no', 'millrace', ...words, '--json'], { cwd: project })).stdout

/** Starts the project on free ports and resolves with what it prints when it is ready. */
async function startStack(): Promise<{ http: string; pids: number[] }> {
  const ports = { PORT: '0', BROKER_PORT: '0', REGISTRY_PORT: '0', POSTGRES_PORT: '0' }
  // A group of its own, so that Ctrl-C reaches every process in it, as in a terminal.
  const child = spawn('npm', ['start', '--silent', '--', '--json'], {
    cwd: project,
    env: { ...process.env, ...ports },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  stack = child
  const pids = new Set<number>()
  return new Promise((resolve, reject) => {
    child.once('close', () => reject(new Error('npm start ended before it was ready')))
    // Read to its end, also after it is ready: a closed pipe would end the program.
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return
      const told = JSON.parse(line) as { ready?: unknown; http?: string; pid?: number }
      if (typeof told.pid === 'number') pids.add(told.pid)
      if (told.ready === true && told.http !== undefined) resolve({ http: told.http, pids: [...pids] })
    })
  })
}

// Most of its time goes into npm install.
it('makes a project that installs, passes its test, starts, and reads what was written', async () => {
  const tarball = (await npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], '.')).trim()
  const spec = `file:${join(folder, tarball)}`
  await run(process.execPath, [resolve('bin/millrace.js'), 'init', 'first-steps', '--millrace', spec], { cwd: folder })
  expect(readFileSync(join(project, 'package.json'), 'utf8')).not.toContain('{{')
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund'], project)
  await npm(['test'], project)
  await npm(['run', 'check'], project)
  // A project that emits declarations can name every type that its definitions have.
  cpSync('tests/types/definitions.ts', join(project, 'definitions.ts'))
  const declare = [
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--outDir',
    join(folder, 'declarations'),
  ]
  await run(join(project, 'node_modules/.bin/tsc'), declare, { cwd: project })
  rmSync(join(project, 'definitions.ts'))

  const startedAt = performance.now()
  const { http, pids } = await startStack()
  expect(performance.now() - startedAt).toBeLessThan(20_000)

  const accepted = await fetch(`${http}/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ author: 'ada', text: 'hello' }),
  })
  expect(accepted.status).toBe(202)
  const { token } = (await accepted.json()) as { token: string }
  const read = await fetch(`${http}/models/notes-by-author?after=${encodeURIComponent(token)}&wait=5s`)
  expect(await read.json()).toMatchObject({ items: [{ author: 'ada', notes: 1, lastText: 'hello' }] })

  expect(JSON.parse(await cli('doctor'))).toMatchObject({ isWell: true })
  const note = { noteId: 'n1', author: 'ada', text: 'from the shell', writtenAt: '2030-01-01T00:00:00Z' }
  expect(JSON.parse(await cli('emit', 'NoteWritten', '--data', JSON.stringify(note)))).toMatchObject([
    { topic: 'notes.notes' },
  ])
  // Waits for both events, in partitions of their own or in one, and ends by itself.
  const tailed = await cli('topics', 'tail', 'notes.notes', '--from', 'earliest', '--limit', '2')
  expect(tailed).toContain('"text":"from the shell"')

  const ended = new Promise((done) => stack?.once('close', done))
  const stoppedAt = performance.now()
  process.kill(-(stack?.pid ?? 0), 'SIGINT')
  await ended
  expect(performance.now() - stoppedAt).toBeLessThan(5_000)
  expect(pids.length).toBeGreaterThan(2)
  expect(pids.filter((pid) => isAlive(pid))).toEqual([])
}, 300_000)
