import { send } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { expect, it } from 'vitest'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { ActionRequested } from '../../schemas/generated/action-requested.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'
import * as example from '../../tests/assistant/example-events.ts'
import actionUsage from './action-usage.ts'
import { durationBucket } from './duration-bucket.ts'

it('counts requests, ends, users and durations of an hour, whichever partition is read first', () => {
  const { actionRequested, actionCompleted, actionFailed } = example
  const hour = new Date(Date.UTC(2026, 0, 1, 12))
  projectionSpec(actionUsage)
    .given([
      send(weatherTasks, ActionRequested({ ...actionRequested, requestId: 'r1' })),
      send(weatherTasks, ActionRequested({ ...actionRequested, requestId: 'r2' })),
    ])
    .when([
      send(outcomes, ActionCompleted({ ...actionCompleted, requestId: 'r1' })),
      send(outcomes, ActionFailed({ ...actionFailed, requestId: 'r2' })),
      send(outcomes, ActionCompleted({ ...actionCompleted, requestId: 'r2' })),
      send(outcomes, ActionCompleted({ ...actionCompleted, requestId: 'r3', userId: 'bob' })),
    ])
    .then({
      ActionUsage: [{ action: 'weather', hour, requested: 2, completed: 3, failed: 1 }],
      ActionUsageUser: [
        { action: 'weather', hour, userId: 'ada', requests: 3 },
        { action: 'weather', hour, userId: 'bob', requests: 1 },
      ],
      ActionUsageDuration: [{ action: 'weather', hour, upToMs: durationBucket(2000), count: 3 }],
    })
})

it('puts a duration into a bucket at most a quarter above it', () => {
  for (const ms of [0, 1, 7, 40, 999, 12_345, 3_600_000]) {
    const bound = durationBucket(ms)
    expect(bound).toBeGreaterThanOrEqual(ms)
    expect(bound).toBeLessThanOrEqual(Math.max(1, ms * 1.25 + 1))
  }
})
