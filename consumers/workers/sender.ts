import { defineWorker, permanent, retryAfter, send } from 'millrace'
import type { EventsOf, Worker } from 'millrace'
import { fakeChannel } from '../../providers/fake-channel.ts'
import { ProviderError } from '../../providers/provider-error.ts'
import type { ReplyChannel } from '../../providers/reply-channel.ts'
import { ReplyDelivered } from '../../schemas/generated/reply-delivered.ts'
import deliveries from '../../schemas/topics/deliveries.ts'
import replies from '../../schemas/topics/replies.ts'
import { workerPolicy } from './worker-policy.ts'

/** The statuses by which a channel says that it will never take this answer: no such place, or not ours to write to. */
const refusals = new Set([400, 403, 404, 410])

/**
 * Delivers answers, each conversation's in order. The one reader of the reply's envelope: a further kind of channel changes
 * nothing but this file and providers/.
 */
export function senderWorker(channel: ReplyChannel, env: Readonly<Record<string, string | undefined>>): Worker {
  return defineWorker({
    name: 'sender',
    from: [replies],
    to: [deliveries],
    ...workerPolicy('sender', { timeoutMs: 10_000, retryDelaysMs: [1_000, 5_000, 30_000] }, env),
    handle: {
      ReplyRequested: async (event, { signal, attempt, idempotencyKey, now }) => {
        const { address, threadId } = event.data.replyTo
        const delivery = { idempotencyKey, address, threadId, text: event.data.text, signal, attempt }
        try {
          const providerMessageId = await channel.post(delivery)
          return [
            delivered(event, { outcome: 'DELIVERED', providerMessageId, code: null, attempts: attempt, at: now() }),
          ]
        } catch (error) {
          throw toFailure(error)
        }
      },
    },
    failed: (event, { code, attempts, failedAt }) => [
      delivered(event, { outcome: 'FAILED', providerMessageId: null, code, attempts, at: failedAt }),
    ],
  })
}

function delivered(
  { data }: EventsOf<typeof replies>,
  end: Pick<Parameters<typeof ReplyDelivered>[0], 'outcome' | 'providerMessageId' | 'code' | 'attempts' | 'at'>,
) {
  const { replyId, requestId, conversationId } = data
  return send(deliveries, ReplyDelivered({ replyId, requestId, conversationId, ...end }))
}

function toFailure(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error
  if (refusals.has(error.status)) return permanent(error.code, error.message)
  return error.retryAfterMs === null ? error : retryAfter(error.retryAfterMs, error.code, error.message)
}

/** A real channel is put in here. */
export default senderWorker(
  fakeChannel({ seed: process.env['FAKE_SEED'] ?? '1', faults: process.env['FAKE_FAULTS'] !== 'off' }),
  process.env,
)
