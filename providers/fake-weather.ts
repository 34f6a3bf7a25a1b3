// A weather provider without a network: its answers and its faults are drawn from the seed, so a run can be foretold.
//
// Faults are drawn per request and attempt and end with the third attempt, so that every request comes to an answer within
// a policy of four or more attempts. A place that is not on its list is a 404, at any attempt.
import { draw } from './draw.ts'
import { ProviderError } from './provider-error.ts'
import type { WeatherCall, WeatherProvider } from './weather-provider.ts'

export interface FakeWeatherOptions {
  /** Two providers with one seed give the same answers and the same faults. */
  readonly seed: string
  /** Whether calls go wrong at all. */
  readonly faults: boolean
  readonly now: () => Date
  /** Ends after `ms` milliseconds, or rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** The places it knows, with their mean temperature. */
const places: Readonly<Record<string, number>> = {
  Amsterdam: 11,
  Athens: 19,
  Berlin: 10,
  Cairo: 23,
  Lagos: 27,
  Lima: 20,
  Lisbon: 17,
  Mumbai: 28,
  Nairobi: 19,
  Oslo: 6,
  Reykjavik: 5,
  Sydney: 18,
}

const summaries = ['clear', 'cloudy', 'rain', 'showers', 'fog', 'wind'] as const

/** From which share of calls on which fault is drawn; below the first, the call goes well. */
const faults: readonly [from: number, fault: 'slow' | 'hang' | 401 | 429 | 503][] = [
  [0.75, 'slow'],
  [0.85, 429],
  [0.9, 503],
  [0.98, 401],
  [0.995, 'hang'],
]

/** The last attempt that may go wrong. */
const lastFaultyAttempt = 2

/** Makes a fake provider. */
export function fakeWeather({ seed, faults: isFaulty, now, sleep }: FakeWeatherOptions): WeatherProvider {
  return {
    observe: async (location, call) => {
      await sleep(5 + Math.floor(draw(seed, 'latency', call.requestId, call.attempt) * 30), call.signal)
      if (isFaulty && call.attempt <= lastFaultyAttempt) await goWrong(seed, call, sleep)
      const place = Object.keys(places).find((name) => name.toLowerCase() === location.trim().toLowerCase())
      if (place === undefined) throw new ProviderError(404, `no such place: ${location}`)
      const observedAt = now()
      const chance = (of: string): number => draw(seed, of, place, Math.floor(observedAt.getTime() / 3_600_000))
      const temperatureC = round((places[place] ?? 0) - 8 + chance('temperature') * 16)
      return {
        location: place,
        temperatureC,
        feelsLikeC: round(temperatureC - chance('felt') * 4),
        summary: summaries[Math.floor(chance('summary') * summaries.length)] ?? 'clear',
        humidityPct: 30 + Math.floor(chance('humidity') * 65),
        windMs: round(chance('wind') * 14),
        observedAt,
        provider: 'fake-weather',
      }
    },
  }
}

async function goWrong(seed: string, call: WeatherCall, sleep: FakeWeatherOptions['sleep']): Promise<void> {
  const chance = draw(seed, 'fault', call.requestId, call.attempt)
  const fault = faults.findLast(([from]) => chance >= from)?.[1]
  switch (fault) {
    case undefined:
      return
    case 'slow':
      await sleep(150, call.signal)
      return
    case 'hang':
      // Far beyond any timeout: only the caller's signal ends it.
      await sleep(3_600_000, call.signal)
      return
    case 401:
      throw new ProviderError(401, 'the API key is not accepted')
    case 429:
      throw new ProviderError(429, 'too many calls', 200)
    case 503:
      throw new ProviderError(503, 'the provider is down')
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
