import { defineProjection } from 'millrace'
import users from '../../schemas/topics/users.ts'

/** One row per user: the last event of the user's key stands, a tombstone deletes the row. Serves GET /users. */
export default defineProjection({
  name: 'user-profile',
  from: [users],
  tables: {
    UserProfile: {
      key: (event) => event.key,
      initial: { settings: {}, active: false, revision: 0n, changedAt: new Date(0), changes: 0 },
      evolve: {
        UserProfileChanged: (row, { data }) => ({
          ...row,
          displayName: data.displayName,
          location: data.location,
          timezone: data.timezone,
          settings: data.settings,
          active: data.active,
          revision: data.revision,
          changedAt: data.changedAt,
          changes: row.changes + 1,
        }),
      },
    },
  },
})
