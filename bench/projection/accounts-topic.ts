import { defineTopic } from 'millrace'
import { AccountChanged } from './account-changed.ts'

export const accountsTopic = defineTopic({
  name: 'bench.accounts',
  key: 'accountId',
  partitions: 12,
  events: [AccountChanged],
})
