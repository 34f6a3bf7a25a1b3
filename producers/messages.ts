import { defineProducer, http, send } from 'millrace'
import { MessageReceived } from '../schemas/generated/message-received.ts'
import { PostedMessage } from '../schemas/generated/posted-message.ts'
import messages from '../schemas/topics/messages.ts'

/**
 * Takes a person's message. The message has the id of its event, so one idempotency key makes one message, however often it
 * is posted; requests derive from that id.
 */
export default defineProducer({
  name: 'messages',
  source: http({
    path: '/messages',
    body: PostedMessage,
    summary: 'Takes a message of a person to the assistant.',
    example: { userId: 'ada', text: 'weather Oslo' },
  }),
  to: [messages],
  produce: ({ body, id, now }) => {
    const conversationId = body.conversationId ?? body.userId
    const threadId = body.threadId
    return [
      send(
        messages,
        MessageReceived(
          {
            messageId: id,
            channelType: 'HTTP',
            workspaceId: body.workspaceId ?? 'default',
            conversationId,
            threadId,
            userId: body.userId,
            text: body.text,
            sentAt: body.sentAt ?? now,
            receivedAt: now,
            expiresAt: body.expiresAt,
            replyTo: { channelType: 'HTTP', address: conversationId, threadId, opaque: {} },
          },
          { id, time: now },
        ),
      ),
    ]
  },
})
