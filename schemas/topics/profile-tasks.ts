import { defineTopic } from 'millrace'
import { ActionRequested } from '../generated/action-requested.ts'

/** Changes to what is known of a user. Keyed by user, unlike other tasks: two changes of one user must not overtake. */
export default defineTopic({
  name: 'assistant.tasks.profile',
  key: 'userId',
  partitions: 12,
  events: [ActionRequested],
})
