import { defineTopic } from 'millrace'
import { ActionRequested } from '../generated/action-requested.ts'

/** Requests for help. Keyed by request, since they need no order. */
export default defineTopic({
  name: 'assistant.tasks.help',
  key: 'requestId',
  partitions: 12,
  events: [ActionRequested],
})
