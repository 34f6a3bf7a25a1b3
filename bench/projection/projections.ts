// The two projections of the bench: one whose rows are owned by a partition, one whose rows are shared by several.
import { defineProjection } from 'millrace'
import { accountsTopic } from './accounts-topic.ts'

const owned = defineProjection({
  name: 'accounts',
  from: [accountsTopic],
  tables: {
    Account: {
      key: ({ data }) => data.accountId,
      initial: {
        owner: '',
        status: '',
        balance: 0,
        currency: '',
        revision: 0,
        active: false,
        tags: [],
        changedAt: new Date(0),
        changes: 0,
      },
      evolve: {
        AccountChanged: (row, { data }) => ({
          id: row.id,
          owner: data.owner,
          status: data.status,
          balance: data.balance,
          currency: data.currency,
          revision: data.revision,
          active: data.active,
          note: data.note,
          tags: data.tags,
          changedAt: data.changedAt,
          changes: row.changes + 1,
        }),
      },
    },
  },
})

const shared = defineProjection({
  name: 'owner-totals',
  from: [accountsTopic],
  tables: {
    OwnerTotal: {
      key: ({ data }) => data.owner,
      initial: { changes: 0, closed: 0, balance: 0n },
      evolve: {
        AccountChanged: (row, { data }) => ({
          ...row,
          changes: row.changes + 1,
          closed: row.closed + (data.status === 'CLOSED' ? 1 : 0),
          balance: row.balance + BigInt(data.revision),
        }),
      },
    },
  },
})

export const projections = { owned, shared } as const
