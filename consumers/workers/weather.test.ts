import { send } from 'millrace'
import { workerSpec } from 'millrace/testing'
import { it } from 'vitest'
import { ProviderError } from '../../providers/provider-error.ts'
import type { WeatherProvider } from '../../providers/weather-provider.ts'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { ActionRequested } from '../../schemas/generated/action-requested.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'
import { hostname } from 'node:os'
import { actionCompleted, actionFailed, actionRequested, at } from '../../tests/assistant/example-events.ts'
import { weatherWorker } from './weather.ts'

const task = send(weatherTasks, ActionRequested(actionRequested))
const observation = {
  location: 'Oslo',
  temperatureC: 3.5,
  feelsLikeC: 1,
  summary: 'clear',
  humidityPct: 60,
  windMs: 4,
  observedAt: at(3),
  provider: 'test',
}
const answering = (answer: () => ReturnType<WeatherProvider['observe']>) => weatherWorker({ observe: answer }, {})
const refusing = (status: number, retryAfterMs: number | null = null) =>
  answering(() => Promise.reject(new ProviderError(status, 'no such place: Oslo', retryAfterMs)))

it('reports what the provider observed', async () => {
  await workerSpec(answering(() => Promise.resolve(observation)))
    .when(task, { attempt: 2, now: () => at(3) })
    .then([
      send(
        outcomes,
        ActionCompleted({
          ...actionCompleted,
          result: { WeatherReport: observation },
          workerId: `${hostname()}/${process.pid}`,
          startedAt: at(3),
        }),
      ),
    ])
})

it('ends a request for a place that does not exist', async () => {
  await workerSpec(refusing(404))
    .when(task, { now: () => at(2) })
    .then([
      send(
        outcomes,
        ActionFailed({
          ...actionFailed,
          reason: 'PERMANENT',
          code: 'PLACE_NOT_FOUND',
          detail: 'no such place: Oslo',
          attempts: 1,
          parkedAt: null,
        }),
      ),
    ])
})

it.each([401, 429, 503])('tries again after a %i', async (status) => {
  await workerSpec(refusing(status, status === 429 ? 200 : null))
    .when(task)
    .thenRetries(`HTTP_${status}`)
})

it('does not begin an expired request', async () => {
  await workerSpec(answering(() => Promise.reject(new Error('the provider was asked'))))
    .when(send(weatherTasks, ActionRequested({ ...actionRequested, expiresAt: at(1) })), { now: () => at(2) })
    .then([
      send(
        outcomes,
        ActionFailed({
          ...actionFailed,
          reason: 'EXPIRED',
          code: 'EXPIRED',
          detail: 'its time had passed',
          attempts: 0,
          parkedAt: null,
        }),
      ),
    ])
})
