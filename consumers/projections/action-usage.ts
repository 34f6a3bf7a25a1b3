import { defineProjection } from 'millrace'
import helpTasks from '../../schemas/topics/help-tasks.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import profileTasks from '../../schemas/topics/profile-tasks.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'
import { durationBucket } from './duration-bucket.ts'
import { hourOf } from './hour-of.ts'

/**
 * Usage by action and hour: counts, the users, and a histogram of durations, each a table of plain sums, so that rows shared by
 * partitions come out the same in whatever order the partitions are read. Serves GET /stats/actions.
 *
 * The hour is the one in which the user asked, for all events of a request. A request that failed, was redriven and then
 * succeeded counts as one failure and one success.
 */
export default defineProjection({
  name: 'action-usage',
  from: [weatherTasks, profileTasks, helpTasks, outcomes],
  tables: {
    ActionUsage: {
      key: ({ data }) => ({ action: data.action, hour: hourOf(data.requestedAt) }),
      initial: { requested: 0, completed: 0, failed: 0 },
      evolve: {
        ActionRequested: (row) => ({ ...row, requested: row.requested + 1 }),
        ActionCompleted: (row) => ({ ...row, completed: row.completed + 1 }),
        ActionFailed: (row) => ({ ...row, failed: row.failed + 1 }),
      },
    },
    ActionUsageUser: {
      key: (event) =>
        event.type === 'ActionCompleted' || event.type === 'ActionFailed'
          ? { action: event.data.action, hour: hourOf(event.data.requestedAt), userId: event.data.userId }
          : null,
      initial: { requests: 0 },
      evolve: {
        ActionRequested: (row) => row,
        ActionCompleted: (row) => ({ ...row, requests: row.requests + 1 }),
        ActionFailed: (row) => ({ ...row, requests: row.requests + 1 }),
      },
    },
    ActionUsageDuration: {
      key: (event) =>
        event.type === 'ActionCompleted'
          ? {
              action: event.data.action,
              hour: hourOf(event.data.requestedAt),
              upToMs: durationBucket(event.data.finishedAt.getTime() - event.data.requestedAt.getTime()),
            }
          : null,
      initial: { count: 0 },
      evolve: {
        ActionRequested: (row) => row,
        ActionCompleted: (row) => ({ ...row, count: row.count + 1 }),
        ActionFailed: (row) => row,
      },
    },
  },
})
