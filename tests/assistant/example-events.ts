// Events of one request, for the tests of the assistant's definitions: each a full event of which a test changes what it is about.
import type { DataOf } from 'millrace'
import type { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import type { ActionFailed } from '../../schemas/generated/action-failed.ts'
import type { ActionRequested } from '../../schemas/generated/action-requested.ts'
import type { MessageReceived } from '../../schemas/generated/message-received.ts'
import type { ReplyDelivered } from '../../schemas/generated/reply-delivered.ts'
import type { ReplyRequested } from '../../schemas/generated/reply-requested.ts'
import { requestId } from '../../schemas/request-id.ts'

/** A moment of one fixed hour, by its second. */
export const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 12, 0, second))

export const messageId = '00000000-0000-4000-8000-000000000001'
export const replyTo = { channelType: 'HTTP', address: 'c1', threadId: null, opaque: {} } as const
export const request = {
  requestId: requestId(messageId),
  userId: 'ada',
  conversationId: 'c1',
  replyTo,
  requestedAt: at(1),
} as const

export const messageReceived: DataOf<typeof MessageReceived> = {
  messageId,
  channelType: 'HTTP',
  workspaceId: 'default',
  conversationId: 'c1',
  threadId: null,
  userId: 'ada',
  text: 'weather Oslo',
  sentAt: at(0),
  receivedAt: at(1),
  expiresAt: null,
  replyTo,
}

export const actionRequested: DataOf<typeof ActionRequested> = {
  ...request,
  messageId,
  occurrenceId: null,
  action: 'weather',
  arguments: { location: 'Oslo' },
  expiresAt: null,
}

export const actionCompleted: DataOf<typeof ActionCompleted> = {
  ...request,
  action: 'weather',
  result: {
    WeatherReport: {
      location: 'Oslo',
      temperatureC: 3.5,
      feelsLikeC: 1,
      summary: 'clear',
      humidityPct: 60,
      windMs: 4,
      observedAt: at(3),
      provider: 'fake-weather',
    },
  },
  workerId: 'w1',
  attempts: 2,
  startedAt: at(2),
  finishedAt: at(3),
}

export const actionFailed: DataOf<typeof ActionFailed> = {
  ...request,
  action: 'weather',
  reason: 'RETRIES_EXHAUSTED',
  code: 'HTTP_503',
  detail: 'the provider is down',
  attempts: 5,
  failedAt: at(2),
  parkedAt: { topic: 'assistant.tasks.weather', partition: 3, offset: 7n },
}

export const replyRequested: DataOf<typeof ReplyRequested> = {
  replyId: requestId(request.requestId),
  requestId: request.requestId,
  conversationId: 'c1',
  replyTo,
  text: 'Oslo: clear',
  createdAt: at(3),
}

export const replyDelivered: DataOf<typeof ReplyDelivered> = {
  replyId: replyRequested.replyId,
  requestId: request.requestId,
  conversationId: 'c1',
  outcome: 'DELIVERED',
  providerMessageId: 'mail-1',
  code: null,
  attempts: 1,
  at: at(4),
}
