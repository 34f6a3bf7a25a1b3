import { defineProjection } from 'millrace'
import schedules from '../../schemas/topics/schedules.ts'

/** One row per schedule in force; the schedule producer reads its plans from it. A tombstone ends a schedule. */
export default defineProjection({
  name: 'schedule-plans',
  from: [schedules],
  tables: {
    Schedule: {
      key: (event) => event.key,
      initial: { cron: '', action: '', arguments: {}, audience: '', userIds: [], enabled: false, misfire: '' },
      evolve: {
        ScheduleDefined: (row, { data }) => ({
          ...row,
          cron: data.cron,
          action: data.action,
          arguments: data.arguments,
          audience: data.audience,
          userIds: [...data.userIds],
          enabled: data.enabled,
          misfire: data.misfire,
        }),
      },
    },
  },
})
