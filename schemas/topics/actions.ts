import { defineTopic } from 'millrace'
import { ActionConfigured } from '../generated/action-configured.ts'

/** How each action is set: the last event of a key stands. */
export default defineTopic({
  name: 'assistant.actions',
  key: 'action',
  partitions: 1,
  events: [ActionConfigured],
  cleanup: 'compact',
})
