import { send } from 'millrace'
import { workerSpec } from 'millrace/testing'
import { it } from 'vitest'
import { ProviderError } from '../../providers/provider-error.ts'
import { ReplyDelivered } from '../../schemas/generated/reply-delivered.ts'
import { ReplyRequested } from '../../schemas/generated/reply-requested.ts'
import deliveries from '../../schemas/topics/deliveries.ts'
import replies from '../../schemas/topics/replies.ts'
import { at, replyDelivered, replyRequested } from '../../tests/assistant/example-events.ts'
import { senderWorker } from './sender.ts'

const reply = send(replies, ReplyRequested(replyRequested))
const posting = (post: () => Promise<string>) => senderWorker({ post }, {})
const refusing = (status: number) => posting(() => Promise.reject(new ProviderError(status, 'refused')))

it('says that an answer was delivered, with the id the channel gave it', async () => {
  await workerSpec(posting(() => Promise.resolve('mail-1')))
    .when(reply, { now: () => at(4) })
    .then([send(deliveries, ReplyDelivered(replyDelivered))])
})

it('says that an answer was refused for good', async () => {
  await workerSpec(refusing(410))
    .when(reply, { now: () => at(4) })
    .then([
      send(
        deliveries,
        ReplyDelivered({ ...replyDelivered, outcome: 'FAILED', providerMessageId: null, code: 'HTTP_410' }),
      ),
    ])
})

it('tries again when the channel is busy', async () => {
  await workerSpec(refusing(429)).when(reply).thenRetries('HTTP_429')
})
