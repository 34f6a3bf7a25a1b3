import { expect, it } from 'vitest'
import { fakeWeather } from './fake-weather.ts'
import { ProviderError } from './provider-error.ts'

const now = (): Date => new Date(Date.UTC(2026, 0, 1))
const neverSleeps = (ms: number): Promise<void> =>
  ms > 60_000 ? Promise.reject(new Error('timed out')) : Promise.resolve()
const provider = fakeWeather({ seed: '1', faults: true, now, sleep: neverSleeps })
const signal = new AbortController().signal
const ask = (location: string, requestId: string, attempt: number): Promise<string> =>
  provider.observe(location, { signal, requestId, attempt }).then(
    (report) => `${report.location} ${report.temperatureC}`,
    (error: unknown) => (error instanceof ProviderError ? error.code : String(error)),
  )

it('gives every kind of fault at the first attempts, and none from the third on', async () => {
  const requests = Array.from({ length: 1000 }, (_, index) => `request-${index}`)
  const first = new Set(await Promise.all(requests.map((request) => ask('oslo', request, 1))))
  const third = new Set(await Promise.all(requests.map((request) => ask('Oslo', request, 3))))
  const oslo = await ask('Oslo', 'any', 9)
  expect([...first].toSorted()).toEqual(['Error: timed out', 'HTTP_401', 'HTTP_429', 'HTTP_503', oslo].toSorted())
  expect([...third]).toEqual([oslo])
})

it('knows no Atlantis, at any attempt', async () => {
  expect(await ask('Atlantis', 'any', 9)).toBe('HTTP_404')
})
