import { defineTopic } from 'millrace'
import { ScheduleDefined } from '../generated/schedule-defined.ts'

/** The schedules in force: the last event of a key stands, a tombstone ends the schedule. */
export default defineTopic({
  name: 'assistant.schedules',
  key: 'scheduleId',
  partitions: 3,
  events: [ScheduleDefined],
  cleanup: 'compact',
})
