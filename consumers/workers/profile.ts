import { defineWorker, permanent, send } from 'millrace'
import { UserProfileChanged } from '../../schemas/generated/user-profile-changed.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import profileTasks from '../../schemas/topics/profile-tasks.ts'
import users from '../../schemas/topics/users.ts'
import { actionCompleted } from './action-completed.ts'
import { actionFailed } from './action-failed.ts'

/** Sets a user's location. Tasks are keyed by user, so the changes of one user are written in the order they were asked for. */
export default defineWorker({
  name: 'profile',
  from: [profileTasks],
  to: [users, outcomes],
  expiresAt: ({ data }) => data.expiresAt,
  handle: {
    ActionRequested: (event, context) => {
      const { arguments: profile, userId, requestedAt } = event.data
      const location = profile['location'] ?? ''
      if (location.length > 200) throw permanent('LOCATION_TOO_LONG', 'a location has at most 200 characters')
      return [
        send(
          users,
          UserProfileChanged({
            userId,
            displayName: profile['displayName'] ?? null,
            location,
            timezone: profile['timezone'] ?? null,
            settings: JSON.parse(profile['settings'] ?? '{}') as Record<string, string>,
            active: true,
            revision: BigInt(profile['revision'] ?? '1'),
            changedAt: requestedAt,
          }),
        ),
        actionCompleted(event, context, context.now(), { LocationReport: { location } }),
      ]
    },
  },
  failed: actionFailed,
})
