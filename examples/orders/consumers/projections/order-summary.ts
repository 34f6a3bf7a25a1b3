import { defineProjection } from 'millrace'
import orders from '../../schemas/topics/orders.ts'
import shipments from '../../schemas/topics/shipments.ts'

/** One row per order, from placed to shipped. Serves GET /models/order-summary. */
export default defineProjection({
  name: 'order-summary',
  from: [orders, shipments],
  tables: {
    OrderSummary: {
      key: ({ data }) => data.orderId,
      initial: { items: 0, totalCents: 0, paidCents: 0 },
      evolve: {
        OrderPlaced: (row, { data }) => ({
          ...row,
          customerId: data.customerId,
          items: data.lines.reduce((sum, { quantity }) => sum + quantity, 0),
          totalCents: data.totalCents,
          placedAt: data.placedAt,
        }),
        OrderPaid: (row, { data }) => ({ ...row, paidCents: row.paidCents + data.amountCents, paidAt: data.paidAt }),
        OrderShipped: (row, { data }) => ({ ...row, trackingCode: data.trackingCode, shippedAt: data.shippedAt }),
      },
    },
  },
})
