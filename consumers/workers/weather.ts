import { setTimeout as sleep } from 'node:timers/promises'
import { defineWorker, permanent, retryAfter } from 'millrace'
import type { Worker } from 'millrace'
import { fakeWeather } from '../../providers/fake-weather.ts'
import { ProviderError } from '../../providers/provider-error.ts'
import type { WeatherProvider } from '../../providers/weather-provider.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'
import { actionCompleted } from './action-completed.ts'
import { actionFailed } from './action-failed.ts'
import { workerPolicy } from './worker-policy.ts'

/**
 * Asks the provider for the weather. An unknown place is the request's own fault and final. All else (a slow or broken
 * provider, too many calls, a refused key) is the provider's or ours: it is tried again, and parked when that does not help.
 */
export function weatherWorker(provider: WeatherProvider, env: Readonly<Record<string, string | undefined>>): Worker {
  return defineWorker({
    name: 'weather',
    from: [weatherTasks],
    to: [outcomes],
    ...workerPolicy('weather', { timeoutMs: 10_000, retryDelaysMs: [1_000, 5_000, 30_000, 120_000] }, env),
    expiresAt: ({ data }) => data.expiresAt,
    handle: {
      ActionRequested: async (event, context) => {
        const startedAt = context.now()
        const { signal, attempt } = context
        const { requestId } = event.data
        try {
          const report = await provider.observe(event.data.arguments['location'] ?? '', { signal, requestId, attempt })
          return [actionCompleted(event, context, startedAt, { WeatherReport: report })]
        } catch (error) {
          throw toFailure(error)
        }
      },
    },
    failed: actionFailed,
  })
}

function toFailure(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error
  if (error.status === 404) return permanent('PLACE_NOT_FOUND', error.message)
  return error.retryAfterMs === null ? error : retryAfter(error.retryAfterMs, error.code, error.message)
}

/** A real provider is put in here. */
export default weatherWorker(
  fakeWeather({
    seed: process.env['FAKE_SEED'] ?? '1',
    faults: process.env['FAKE_FAULTS'] !== 'off',
    now: () => new Date(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  }),
  process.env,
)
