import { defineTopic } from 'millrace'
import { ScheduleFired } from '../generated/schedule-fired.ts'

/** Each time a schedule came due. Apart from `assistant.schedules`, which keeps only the last event of a key. */
export default defineTopic({
  name: 'assistant.occurrences',
  key: 'scheduleId',
  partitions: 3,
  events: [ScheduleFired],
})
