import { defineProjection } from 'millrace'
import orders from '../../schemas/topics/orders.ts'

/** One row per customer. A customer's orders lie in many partitions, so the row is made of sums, which need no order. */
export default defineProjection({
  name: 'customer-totals',
  from: [orders],
  tables: {
    CustomerTotals: {
      key: ({ data }) => data.customerId,
      initial: { orders: 0, orderedCents: 0, paidCents: 0 },
      evolve: {
        OrderPlaced: (row, { data }) => ({
          ...row,
          orders: row.orders + 1,
          orderedCents: row.orderedCents + data.totalCents,
        }),
        OrderPaid: (row, { data }) => ({ ...row, paidCents: row.paidCents + data.amountCents }),
      },
    },
  },
})
