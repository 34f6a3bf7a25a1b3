import { defineProjection } from 'millrace'
import { requestId } from '../../schemas/request-id.ts'
import deliveries from '../../schemas/topics/deliveries.ts'
import helpTasks from '../../schemas/topics/help-tasks.ts'
import messages from '../../schemas/topics/messages.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import profileTasks from '../../schemas/topics/profile-tasks.ts'
import replies from '../../schemas/topics/replies.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'

const failedAs = {
  PERMANENT: 'permanent',
  RETRIES_EXHAUSTED: 'exhausted',
  EXPIRED: 'expired',
  DISABLED: 'disabled',
  UNROUTED: 'unrouted',
} as const

/**
 * One row per request, from the message to the delivered answer. Serves GET /requests and GET /requests/:id.
 *
 * Five kinds of topic feed a row, in any order between them: each event fills columns of its own, and the status only moves
 * on (unknown, received, requested, then the outcome). Outcomes of one request share a partition, so the last one is the
 * last word.
 */
export default defineProjection({
  name: 'request-status',
  from: [messages, weatherTasks, profileTasks, helpTasks, outcomes, replies, deliveries],
  tables: {
    RequestStatus: {
      key: (event) => (event.type === 'MessageReceived' ? requestId(event.data.messageId) : event.data.requestId),
      initial: { status: 'unknown', attempts: 0, reply: 'none' },
      evolve: {
        MessageReceived: (row, { data }) => ({
          ...row,
          status: row.status === 'unknown' ? 'received' : row.status,
          userId: data.userId,
          conversationId: data.conversationId,
          text: data.text,
          receivedAt: data.receivedAt,
        }),
        ActionRequested: (row, { data }) => ({
          ...row,
          status: row.status === 'unknown' || row.status === 'received' ? 'requested' : row.status,
          userId: data.userId,
          conversationId: data.conversationId,
          action: data.action,
          requestedAt: data.requestedAt,
        }),
        ActionCompleted: (row, { data }) => ({
          ...row,
          status: 'done',
          userId: data.userId,
          conversationId: data.conversationId,
          action: data.action,
          code: null,
          detail: null,
          parkedTopic: null,
          parkedPartition: null,
          parkedOffset: null,
          attempts: data.attempts,
          startedAt: data.startedAt,
          finishedAt: data.finishedAt,
        }),
        ActionFailed: (row, { data }) => ({
          ...row,
          status: failedAs[data.reason],
          userId: data.userId,
          conversationId: data.conversationId,
          action: data.action,
          code: data.code,
          detail: data.detail,
          parkedTopic: data.parkedAt?.topic ?? null,
          parkedPartition: data.parkedAt?.partition ?? null,
          parkedOffset: data.parkedAt?.offset ?? null,
          attempts: data.attempts,
          startedAt: null,
          finishedAt: data.failedAt,
        }),
        ReplyRequested: (row, { data }) => ({
          ...row,
          conversationId: data.conversationId,
          reply: row.reply === 'none' ? 'requested' : row.reply,
          answer: data.text,
          answeredAt: data.createdAt,
        }),
        ReplyDelivered: (row, { data }) => ({
          ...row,
          conversationId: data.conversationId,
          reply: data.outcome === 'DELIVERED' ? 'delivered' : 'failed',
          repliedAt: data.at,
        }),
      },
    },
  },
})
