import { send } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { ActionRequested } from '../../schemas/generated/action-requested.ts'
import { MessageReceived } from '../../schemas/generated/message-received.ts'
import { ReplyDelivered } from '../../schemas/generated/reply-delivered.ts'
import { ReplyRequested } from '../../schemas/generated/reply-requested.ts'
import deliveries from '../../schemas/topics/deliveries.ts'
import messages from '../../schemas/topics/messages.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import replies from '../../schemas/topics/replies.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'
import * as example from '../../tests/assistant/example-events.ts'
import requestStatus from './request-status.ts'

const { at, request } = example
const asked = [
  send(messages, MessageReceived(example.messageReceived)),
  send(weatherTasks, ActionRequested(example.actionRequested)),
]
const row = {
  requestId: request.requestId,
  userId: 'ada',
  conversationId: 'c1',
  text: 'weather Oslo',
  action: 'weather',
  attempts: 2,
  receivedAt: at(1),
  requestedAt: at(1),
}

it('follows a request from the message to the delivered answer, in whatever order its topics are read', () => {
  projectionSpec(requestStatus)
    .given(asked)
    .when([
      send(outcomes, ActionCompleted(example.actionCompleted)),
      send(replies, ReplyRequested(example.replyRequested)),
      send(deliveries, ReplyDelivered(example.replyDelivered)),
    ])
    .then({
      RequestStatus: [
        {
          ...row,
          status: 'done',
          reply: 'delivered',
          answer: 'Oslo: clear',
          startedAt: at(2),
          finishedAt: at(3),
          answeredAt: at(3),
          repliedAt: at(4),
        },
      ],
    })
})

it('says where a request lies whose attempts ran out', () => {
  projectionSpec(requestStatus)
    .given(asked)
    .when([send(outcomes, ActionFailed(example.actionFailed))])
    .then({
      RequestStatus: [
        {
          ...row,
          status: 'exhausted',
          code: 'HTTP_503',
          detail: 'the provider is down',
          attempts: 5,
          parkedTopic: 'assistant.tasks.weather',
          parkedPartition: 3,
          parkedOffset: 7n,
          reply: 'none',
          finishedAt: at(2),
        },
      ],
    })
})

it('takes the last outcome as the last word: a redriven request is done', () => {
  projectionSpec(requestStatus)
    .given([...asked, send(outcomes, ActionFailed(example.actionFailed))])
    .when([send(outcomes, ActionCompleted(example.actionCompleted))])
    .then({ RequestStatus: [{ ...row, status: 'done', reply: 'none', startedAt: at(2), finishedAt: at(3) }] })
})

it('keeps a message that named no action as unrouted', () => {
  const unrouted = {
    ...example.actionFailed,
    action: 'unknown',
    reason: 'UNROUTED',
    attempts: 0,
    parkedAt: null,
  } as const
  projectionSpec(requestStatus)
    .given([send(messages, MessageReceived({ ...example.messageReceived, text: 'sing' }))])
    .when([send(outcomes, ActionFailed(unrouted))])
    .then({
      RequestStatus: [
        {
          requestId: request.requestId,
          status: 'unrouted',
          userId: 'ada',
          conversationId: 'c1',
          action: 'unknown',
          text: 'sing',
          code: 'HTTP_503',
          detail: 'the provider is down',
          attempts: 0,
          reply: 'none',
          receivedAt: at(1),
          finishedAt: at(2),
        },
      ],
    })
})
