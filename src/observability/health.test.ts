import { expect, test } from 'vitest'
import { createHealth } from './health.ts'

test('is ready when every part is', () => {
  const health = createHealth(() => 0)
  const one = health.part('database')
  const two = health.part('broker')
  one.ready(true)
  expect(health.report()).toMatchObject({ ready: false, live: true })
  expect(health.report().parts).toContainEqual({ name: 'broker', ready: false, live: true, reason: 'starting' })
  two.ready(true)
  expect(health.report().ready).toBe(true)
  two.ready(false, 'no broker answers')
  expect(health.report().parts).toContainEqual({
    name: 'broker',
    ready: false,
    live: true,
    reason: 'no broker answers',
  })
})

test('is live while work makes progress, and while there is no work', () => {
  let now = 0
  const health = createHealth(() => now)
  const part = health.part('consumer', { stallMs: 1000 })
  part.ready(true)
  now = 5000
  expect(health.report().live).toBe(true)
  part.progress()
  now = 6000
  expect(health.report().live).toBe(true)
  now = 6001
  expect(health.report()).toMatchObject({ live: false, ready: false })
  part.progress()
  expect(health.report().live).toBe(true)
  part.idle()
  now = 100_000
  expect(health.report().live).toBe(true)
})
