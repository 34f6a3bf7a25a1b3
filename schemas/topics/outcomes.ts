import { defineTopic } from 'millrace'
import { ActionCompleted } from '../generated/action-completed.ts'
import { ActionFailed } from '../generated/action-failed.ts'

/** The last word on each request. One topic for both, so that a redriven request's success follows its failure. */
export default defineTopic({
  name: 'assistant.outcomes',
  key: 'requestId',
  partitions: 12,
  events: [ActionCompleted, ActionFailed],
})
