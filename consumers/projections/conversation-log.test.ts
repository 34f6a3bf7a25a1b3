import { send } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { MessageReceived } from '../../schemas/generated/message-received.ts'
import { ReplyDelivered } from '../../schemas/generated/reply-delivered.ts'
import { ReplyRequested } from '../../schemas/generated/reply-requested.ts'
import deliveries from '../../schemas/topics/deliveries.ts'
import messages from '../../schemas/topics/messages.ts'
import replies from '../../schemas/topics/replies.ts'
import * as example from '../../tests/assistant/example-events.ts'
import conversationLog from './conversation-log.ts'

it('holds what both sides said, and whether the answer arrived', () => {
  const { at, request, replyRequested } = example
  projectionSpec(conversationLog)
    .given([send(messages, MessageReceived(example.messageReceived))])
    .when([
      send(replies, ReplyRequested(replyRequested)),
      send(deliveries, ReplyDelivered({ ...example.replyDelivered, outcome: 'FAILED' })),
    ])
    .then({
      ConversationLog: [
        {
          id: example.messageId,
          conversationId: 'c1',
          at: at(1),
          author: 'user',
          userId: 'ada',
          text: 'weather Oslo',
          requestId: request.requestId,
        },
        {
          id: replyRequested.replyId,
          conversationId: 'c1',
          at: at(3),
          author: 'assistant',
          text: 'Oslo: clear',
          requestId: request.requestId,
          delivery: 'failed',
        },
      ],
    })
})
