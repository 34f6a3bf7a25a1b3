import { defineProjection } from 'millrace'
import { requestId } from '../../schemas/request-id.ts'
import deliveries from '../../schemas/topics/deliveries.ts'
import messages from '../../schemas/topics/messages.ts'
import replies from '../../schemas/topics/replies.ts'

/**
 * One row per thing said in a conversation: the messages, and the answers with what became of them. An answer's row is fed by
 * two topics, so its delivery may be known before its words. Serves GET /conversations/:id/messages.
 */
export default defineProjection({
  name: 'conversation-log',
  from: [messages, replies, deliveries],
  tables: {
    ConversationLog: {
      key: (event) => (event.type === 'MessageReceived' ? event.data.messageId : event.data.replyId),
      initial: { conversationId: '', author: 'assistant', requestId: '' },
      evolve: {
        MessageReceived: (row, { data }) => ({
          ...row,
          conversationId: data.conversationId,
          at: data.receivedAt,
          author: 'user',
          userId: data.userId,
          text: data.text,
          requestId: requestId(data.messageId),
        }),
        ReplyRequested: (row, { data }) => ({
          ...row,
          conversationId: data.conversationId,
          at: data.createdAt,
          text: data.text,
          requestId: data.requestId,
          delivery: row.delivery ?? 'requested',
        }),
        ReplyDelivered: (row, { data }) => ({
          ...row,
          conversationId: data.conversationId,
          requestId: data.requestId,
          delivery: data.outcome === 'DELIVERED' ? 'delivered' : 'failed',
        }),
      },
    },
  },
})
