import { send, sendTombstone } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { UserProfileChanged } from '../../schemas/generated/user-profile-changed.ts'
import users from '../../schemas/topics/users.ts'
import { at } from '../../tests/assistant/example-events.ts'
import userProfile from './user-profile.ts'

const profile = (location: string, revision: bigint) =>
  send(
    users,
    UserProfileChanged({
      userId: 'ada',
      displayName: 'Ada',
      location,
      timezone: null,
      settings: { units: 'metric' },
      active: true,
      revision,
      changedAt: at(Number(revision)),
    }),
  )

it('keeps the last profile of a user', () => {
  projectionSpec(userProfile)
    .given([profile('Oslo', 1n)])
    .when([profile('Lima', 2n)])
    .then({
      UserProfile: [
        {
          userId: 'ada',
          displayName: 'Ada',
          location: 'Lima',
          settings: { units: 'metric' },
          active: true,
          revision: 2n,
          changedAt: at(2),
          changes: 2,
        },
      ],
    })
})

it('forgets a user at the tombstone', () => {
  projectionSpec(userProfile)
    .given([profile('Oslo', 1n)])
    .when([sendTombstone(users, 'ada')])
    .then({ UserProfile: [] })
})
