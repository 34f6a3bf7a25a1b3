import { expect, it } from 'vitest'
import { workerPolicy } from './worker-policy.ts'

const defaults = { timeoutMs: 10_000, retryDelaysMs: [1000] }

it('takes the policy of the environment where it is one, by the name of the worker', () => {
  expect(workerPolicy('weather', defaults, {})).toEqual(defaults)
  expect(workerPolicy('weather', defaults, { WEATHER_TIMEOUT_MS: 'soon', WEATHER_RETRY_DELAYS_MS: '1,x' })).toEqual(
    defaults,
  )
  expect(workerPolicy('weather', defaults, { WEATHER_TIMEOUT_MS: '200', WEATHER_RETRY_DELAYS_MS: '1,20' })).toEqual({
    timeoutMs: 200,
    retryDelaysMs: [1, 20],
  })
})
