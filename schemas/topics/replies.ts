import { defineTopic } from 'millrace'
import { ReplyRequested } from '../generated/reply-requested.ts'

/** Answers to be delivered. Keyed by conversation: the sender keeps their order. */
export default defineTopic({
  name: 'assistant.replies',
  key: 'conversationId',
  partitions: 12,
  events: [ReplyRequested],
})
