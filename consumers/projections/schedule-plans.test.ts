import { send, sendTombstone } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { ScheduleDefined } from '../../schemas/generated/schedule-defined.ts'
import schedules from '../../schemas/topics/schedules.ts'
import schedulePlans from './schedule-plans.ts'

const plan = {
  cron: '0 7 * * *',
  action: 'weather',
  arguments: {},
  audience: 'ALL_WITH_LOCATION',
  userIds: [],
  enabled: true,
  misfire: 'ONCE',
} as const

it('keeps the schedules in force: the last definition of each, none after a tombstone', () => {
  projectionSpec(schedulePlans)
    .given([
      send(schedules, ScheduleDefined({ ...plan, scheduleId: 'morning' })),
      send(schedules, ScheduleDefined({ ...plan, scheduleId: 'evening' })),
    ])
    .when([
      send(schedules, ScheduleDefined({ ...plan, scheduleId: 'morning', cron: '0 8 * * *' })),
      sendTombstone(schedules, 'evening'),
    ])
    .then({ Schedule: [{ ...plan, scheduleId: 'morning', cron: '0 8 * * *' }] })
})
