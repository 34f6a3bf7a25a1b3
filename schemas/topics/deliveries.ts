import { defineTopic } from 'millrace'
import { ReplyDelivered } from '../generated/reply-delivered.ts'

/** What became of each answer. */
export default defineTopic({
  name: 'assistant.deliveries',
  key: 'conversationId',
  partitions: 12,
  events: [ReplyDelivered],
})
