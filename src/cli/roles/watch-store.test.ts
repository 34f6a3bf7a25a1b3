import { expect, it } from 'vitest'
import { createHealth } from '../../observability/health.ts'
import { watchStore } from './watch-store.ts'

it('is not ready while the store does not answer, and says why', async () => {
  const health = createHealth()
  const end = await watchStore(health.part('store'), () => Promise.reject(new Error('connection refused')))
  expect(health.report()).toMatchObject({ ready: false, live: true, parts: [{ reason: 'connection refused' }] })
  end()
  const stop = await watchStore(health.part('store'), () => Promise.resolve([]))
  expect(health.report()).toMatchObject({ ready: true })
  stop()
})
