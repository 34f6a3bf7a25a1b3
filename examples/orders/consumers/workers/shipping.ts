import { defineWorker, send } from 'millrace'
import { OrderShipped } from '../../schemas/generated/order-shipped.ts'
import orders from '../../schemas/topics/orders.ts'
import shipments from '../../schemas/topics/shipments.ts'

/** Gives paid orders to the carrier. A carrier that honours the idempotency key makes one parcel, however often it is asked. */
export default defineWorker({
  name: 'shipping',
  from: [orders],
  to: [shipments],
  ignore: ['OrderPlaced'],
  handle: {
    OrderPaid: ({ data }, { idempotencyKey, now }) => [
      send(
        shipments,
        OrderShipped({
          orderId: data.orderId,
          trackingCode: `P-${idempotencyKey.slice(0, 8).toUpperCase()}`,
          shippedAt: now(),
        }),
      ),
    ],
  },
})
