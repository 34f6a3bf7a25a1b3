import { defineWorker } from 'millrace'
import helpTasks from '../../schemas/topics/help-tasks.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import { actionCompleted } from './action-completed.ts'
import { actionFailed } from './action-failed.ts'

const text = 'I know the weather ("weather Oslo"), and I remember where you are ("set location Oslo", then "weather").'

/** Tells what the assistant can do. */
export default defineWorker({
  name: 'help',
  from: [helpTasks],
  to: [outcomes],
  expiresAt: ({ data }) => data.expiresAt,
  handle: {
    ActionRequested: (event, context) => [actionCompleted(event, context, context.now(), { TextResult: { text } })],
  },
  failed: actionFailed,
})
