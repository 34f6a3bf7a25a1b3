import { send } from 'millrace'
import { processorSpec } from 'millrace/testing'
import { it } from 'vitest'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { ReplyRequested } from '../../schemas/generated/reply-requested.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import replies from '../../schemas/topics/replies.ts'
import { actionCompleted, actionFailed, at, replyRequested } from '../../tests/assistant/example-events.ts'
import replyBuilder from './reply-builder.ts'

it('answers what was done in words, into the conversation of the request', () => {
  const text = 'Oslo: clear, 3.5 °C (feels like 1 °C), humidity 60 %, wind 4 m/s.'
  processorSpec(replyBuilder)
    .when([send(outcomes, ActionCompleted(actionCompleted))])
    .then([send(replies, ReplyRequested({ ...replyRequested, text }))])
})

it.each([
  ['UNROUTED', 'Sorry, I did not understand that. Say "help" to see what I can do.'],
  ['EXPIRED', 'Sorry, I came to this too late for the answer to be of use.'],
  ['DISABLED', 'Sorry, weather is switched off at the moment.'],
  ['RETRIES_EXHAUSTED', 'Sorry, weather does not work right now. Your request is kept and will be tried again.'],
  ['PERMANENT', 'Sorry, that did not work: the provider is down.'],
] as const)('answers a failure that is %s', (reason, text) => {
  processorSpec(replyBuilder)
    .when([send(outcomes, ActionFailed({ ...actionFailed, reason }))])
    .then([send(replies, ReplyRequested({ ...replyRequested, text, createdAt: at(2) }))])
})
