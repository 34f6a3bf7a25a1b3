import { send } from 'millrace'
import { workerSpec } from 'millrace/testing'
import { hostname } from 'node:os'
import { it } from 'vitest'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { ActionRequested } from '../../schemas/generated/action-requested.ts'
import { UserProfileChanged } from '../../schemas/generated/user-profile-changed.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import profileTasks from '../../schemas/topics/profile-tasks.ts'
import users from '../../schemas/topics/users.ts'
import { actionCompleted, actionFailed, actionRequested, at } from '../../tests/assistant/example-events.ts'
import profile from './profile.ts'

const task = (location: string) =>
  send(
    profileTasks,
    ActionRequested({
      ...actionRequested,
      action: 'profile',
      arguments: { location, revision: '5', settings: '{"units":"metric"}', displayName: 'Ada' },
    }),
  )

it('writes the whole profile with the new location, and says that it is done', async () => {
  await workerSpec(profile)
    .when(task('Lima'), { now: () => at(3) })
    .then([
      send(
        users,
        UserProfileChanged({
          userId: 'ada',
          displayName: 'Ada',
          location: 'Lima',
          timezone: null,
          settings: { units: 'metric' },
          active: true,
          revision: 5n,
          changedAt: at(1),
        }),
      ),
      send(
        outcomes,
        ActionCompleted({
          ...actionCompleted,
          action: 'profile',
          result: { LocationReport: { location: 'Lima' } },
          workerId: `${hostname()}/${process.pid}`,
          attempts: 1,
          startedAt: at(3),
        }),
      ),
    ])
})

it('refuses a location that is no location', async () => {
  await workerSpec(profile)
    .when(task('x'.repeat(201)), { now: () => at(2) })
    .then([
      send(
        outcomes,
        ActionFailed({
          ...actionFailed,
          action: 'profile',
          reason: 'PERMANENT',
          code: 'LOCATION_TOO_LONG',
          detail: 'a location has at most 200 characters',
          attempts: 1,
          parkedAt: null,
        }),
      ),
    ])
})
