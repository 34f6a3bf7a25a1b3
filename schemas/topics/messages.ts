import { defineTopic } from 'millrace'
import { MessageReceived } from '../generated/message-received.ts'

/** What people write. Keyed by user, over as many partitions as `assistant.users`: the router reads both side by side. */
export default defineTopic({
  name: 'assistant.messages',
  key: 'userId',
  partitions: 12,
  events: [MessageReceived],
})
