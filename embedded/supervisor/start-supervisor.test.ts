import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { isAlive } from '../../tests/fixtures/is-alive.ts'
import type { ChildSpecification, ChildStatus } from './child-specification.ts'
import { startSupervisor } from './start-supervisor.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../../tests/fixtures/${name}.ts`, import.meta.url))
const nodeArgs = ['--import', 'tsx']

let folder: string
let log: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
  log = join(folder, 'log')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What the children wrote, without their process ids. */
const notes = (): string[] => {
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  return lines.map((line) => line.split(' ').slice(0, 2).join(' '))
}

const child = (name: string, fails?: string, rest: Partial<ChildSpecification> = {}): ChildSpecification => ({
  name,
  command: { file: fixture('child'), nodeArgs },
  env: { FIXTURE_NAME: name, FIXTURE_LOG: log, ...(fails !== undefined && { FIXTURE_FAILS: fails }) },
  ...rest,
})

test('starts a child when its dependencies are ready, and stops it before them', { timeout: 20_000 }, async () => {
  const changes: string[] = []
  const supervisor = startSupervisor([child('reader', undefined, { dependsOn: ['store'] }), child('store')], {
    onChange: ({ name, state }) => changes.push(`${name} ${state}`),
  })
  await supervisor.ready
  await supervisor.stop()

  expect(await supervisor.ended).toBeUndefined()
  expect(changes).toEqual([
    'store starting',
    'store ready',
    'reader starting',
    'reader ready',
    'reader stopping',
    'reader stopped',
    'store stopping',
    'store stopped',
  ])
  expect(notes()).toEqual(['store started', 'reader started', 'reader stopped', 'store stopped'])
})

test('starts a dead child again and counts it', { timeout: 20_000 }, async () => {
  const changes: ChildStatus[] = []
  const supervisor = startSupervisor([child('worker')], { onChange: (status) => changes.push(status) })
  await supervisor.ready
  process.kill(supervisor.status()[0]?.pid ?? 0, 'SIGKILL')
  await vi.waitFor(() => expect(supervisor.status()[0]).toMatchObject({ state: 'ready', restarts: 1 }), 10_000)
  await supervisor.stop()

  expect(changes.find(({ state }) => state === 'backing-off')).toMatchObject({ reason: 'ended with SIGKILL' })
  expect(notes()).toEqual(['worker started', 'worker started', 'worker stopped'])
})

test('a wrong setting stops everything with its message and is not tried again', { timeout: 20_000 }, async () => {
  const supervisor = startSupervisor([child('store'), child('reader', 'setting', { dependsOn: ['store'] })])

  await expect(supervisor.ready).rejects.toThrow('reader: Port 5 is taken: set FIXTURE_PORT.')
  expect((await supervisor.ended)?.message).toBe('reader: Port 5 is taken: set FIXTURE_PORT.')
  expect(notes()).toEqual(['store started', 'reader started', 'store stopped'])
})

test('gives up on a child that fails five times before it was ever ready', { timeout: 60_000 }, async () => {
  const supervisor = startSupervisor([child('worker', 'before-ready')])

  expect((await supervisor.ended)?.message).toBe('worker: no luck (5 starts)')
  expect(notes()).toHaveLength(5)
})

test('a child that is not ready in time is killed and started again', { timeout: 20_000 }, async () => {
  const reasons: (string | undefined)[] = []
  const supervisor = startSupervisor([child('worker', 'never-ready', { readyTimeoutMs: 50 })], {
    onChange: ({ state, reason }) => state === 'backing-off' && reasons.push(reason),
  })
  await vi.waitFor(() => expect(reasons).toContain('was not ready within 50 ms'), 10_000)
  await supervisor.stop()
  expect(supervisor.status()[0]?.state).toBe('stopped')
})

test('kills what does not stop, within the time given for all', { timeout: 20_000 }, async () => {
  const supervisor = startSupervisor([child('store'), child('stuck', 'hangs', { dependsOn: ['store'] })], {
    stopWithinMs: 1000,
  })
  await supervisor.ready
  const begin = performance.now()
  await supervisor.stop()

  expect(performance.now() - begin).toBeLessThan(1500)
  expect(notes()).toEqual(['store started', 'stuck started', 'store stopped'])
})

test('when the supervisor is killed, every child is gone within 2 s', { timeout: 30_000 }, async () => {
  const specifications = [child('store'), child('stuck', 'hangs'), child('reader', undefined, { dependsOn: ['store'] })]
  const supervisor = fork(fixture('supervisor'), [JSON.stringify(specifications)], { execArgv: nodeArgs })
  const [{ pids }] = (await once(supervisor, 'message')) as [{ pids: number[] }]
  expect(pids.every(isAlive)).toBe(true)

  const begin = performance.now()
  supervisor.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5000, interval: 50 })
  expect(performance.now() - begin).toBeLessThan(2000)
})

test('refuses a list without an order', () => {
  expect(() => startSupervisor([child('a', undefined, { dependsOn: ['b'] })])).toThrow('a depends on b, which is not')
  expect(() => startSupervisor([child('a'), child('a')])).toThrow('same name')
  expect(() =>
    startSupervisor([child('a', undefined, { dependsOn: ['b'] }), child('b', undefined, { dependsOn: ['a'] })]),
  ).toThrow('in a circle')
})
