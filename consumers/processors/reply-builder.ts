import { defineProcessor, send } from 'millrace'
import type { EventsOf } from 'millrace'
import { ReplyRequested } from '../../schemas/generated/reply-requested.ts'
import { requestId } from '../../schemas/request-id.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import replies from '../../schemas/topics/replies.ts'
import { replyText } from './reply-text.ts'

function replyTo(outcome: EventsOf<typeof outcomes>) {
  const { data } = outcome
  return [
    send(
      replies,
      ReplyRequested({
        replyId: requestId(data.requestId),
        requestId: data.requestId,
        conversationId: data.conversationId,
        replyTo: data.replyTo,
        text: replyText(outcome),
        createdAt: 'finishedAt' in data ? data.finishedAt : data.failedAt,
      }),
    ),
  ]
}

/** Turns the last word on a request into an answer for its conversation. The reply's envelope is passed on unread. */
export default defineProcessor({
  name: 'reply-builder',
  from: [outcomes],
  to: [replies],
  on: {
    ActionCompleted: replyTo,
    ActionFailed: replyTo,
  },
})
