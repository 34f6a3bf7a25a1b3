import { send } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import * as example from '../../tests/assistant/example-events.ts'
import weatherLatest from './weather-latest.ts'

const report = example.actionCompleted.result
const observed = (requestId: string, second: number, temperatureC: number) =>
  send(
    outcomes,
    ActionCompleted({
      ...example.actionCompleted,
      requestId,
      result:
        'WeatherReport' in report
          ? { WeatherReport: { ...report.WeatherReport, temperatureC, observedAt: example.at(second) } }
          : report,
    }),
  )

it('keeps the latest observation of a place by its own time, and the greater request of two at once', () => {
  projectionSpec(weatherLatest)
    .given([observed('r1', 5, 10), observed('r2', 9, 11)])
    .when([
      observed('r3', 9, 12),
      observed('r4', 3, 13),
      send(outcomes, ActionCompleted({ ...example.actionCompleted, result: { TextResult: { text: 'help' } } })),
    ])
    .then({
      WeatherLatest: [
        {
          location: 'Oslo',
          temperatureC: 12,
          feelsLikeC: 1,
          summary: 'clear',
          humidityPct: 60,
          windMs: 4,
          observedAt: example.at(9),
          provider: 'fake-weather',
          requestId: 'r3',
          requests: 4,
        },
      ],
    })
})
