import { expect, it } from 'vitest'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import type { Database } from '../database/database.ts'
import type { RunningConsumer } from '../consumer/start-consumer.ts'
import { runLive } from './run-live.ts'

it('runs a member while its version is live, and a new one after a roll-back', async () => {
  const warnings: string[] = []
  const events: string[] = []
  let live = { version: 1, previousVersion: null, revision: 0n }
  let isDown = false
  const looks: (() => void)[] = []
  const query = async (): Promise<unknown[]> => {
    if (isDown) throw new Error('down')
    return [live]
  }
  let started = 0
  const start = async (): Promise<RunningConsumer> => {
    const name = `member ${(started += 1)}`
    events.push(`${name} joins`)
    return {
      failed: new Promise<never>(() => undefined),
      status: () => ({ consumer: 'view.v2', state: 'running', partitions: [] }),
      runParkedWork: async () => undefined,
      stop: async () => void events.push(`${name} leaves`),
    }
  }
  /** Lets the next look happen, and waits until it is over. */
  const look = async (): Promise<void> => {
    const before = looks.length
    looks.at(-1)?.()
    while (looks.length === before) await new Promise((done) => setImmediate(done))
  }
  const running = await runLive({
    projection: { name: 'view', version: 2 },
    database: { query } as unknown as Database,
    clock: {
      now: () => new Date(),
      sleep: (_ms, signal) =>
        new Promise((done) => {
          looks.push(done)
          signal.addEventListener('abort', () => done(), { once: true })
        }),
    },
    logger: { ...silentLogger, warn: (_details, message) => void warnings.push(message) },
    start,
  })
  await look()
  expect(events).toEqual([])
  expect(warnings).toEqual(['idle: version 1 is live: run `millrace rebuild view` to make version 2 the live one'])
  live = { ...live, version: 2 }
  await look()
  isDown = true
  await look()
  expect(events).toEqual(['member 1 joins'])
  isDown = false
  live = { ...live, revision: 1n }
  await look()
  live = { ...live, version: 1 }
  await look()
  expect(events).toEqual(['member 1 joins', 'member 1 leaves', 'member 2 joins', 'member 2 leaves'])
  live = { ...live, version: 2 }
  await look()
  await running.stop()
  expect(events.slice(4)).toEqual(['member 3 joins', 'member 3 leaves'])
})
