import { defineTopic } from 'millrace'
import { UserProfileChanged } from '../generated/user-profile-changed.ts'

/** What is known of each user: the last event of a key stands, a tombstone forgets the user. */
export default defineTopic({
  name: 'assistant.users',
  key: 'userId',
  partitions: 12,
  events: [UserProfileChanged],
  cleanup: 'compact',
})
