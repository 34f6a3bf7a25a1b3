// The event of the projection bench: a record of ten fields, as an .avsc and its generated constructor would have it.
import { defineEvent } from 'millrace'

export interface AccountChangedData {
  readonly accountId: string
  readonly owner: string
  readonly status: 'OPEN' | 'FROZEN' | 'CLOSED'
  readonly balance: number
  readonly currency: string
  readonly revision: number
  readonly active: boolean
  readonly note: string | null
  readonly tags: readonly string[]
  readonly changedAt: Date
}

export const AccountChanged = defineEvent<'AccountChanged', AccountChangedData>(
  'AccountChanged',
  'bench.v1.AccountChanged',
  {
    type: 'record',
    name: 'AccountChanged',
    namespace: 'bench.v1',
    fields: [
      { name: 'accountId', type: 'string' },
      { name: 'owner', type: 'string' },
      { name: 'status', type: { type: 'enum', name: 'AccountStatus', symbols: ['OPEN', 'FROZEN', 'CLOSED'] } },
      { name: 'balance', type: 'double' },
      { name: 'currency', type: 'string' },
      { name: 'revision', type: 'int' },
      { name: 'active', type: 'boolean' },
      { name: 'note', type: ['null', 'string'] },
      { name: 'tags', type: { type: 'array', items: 'string' } },
      { name: 'changedAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
    ],
  },
)
