import { defineTopic } from 'millrace'
import { ActionRequested } from '../generated/action-requested.ts'

/** Requests for the weather. Keyed by request, since they need no order: a slow one holds up no other. */
export default defineTopic({
  name: 'assistant.tasks.weather',
  key: 'requestId',
  partitions: 12,
  events: [ActionRequested],
})
