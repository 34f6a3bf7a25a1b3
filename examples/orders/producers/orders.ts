import { defineProducer, http, send } from 'millrace'
import { OrderPlaced } from '../schemas/generated/order-placed.ts'
import { PlaceOrder } from '../schemas/generated/place-order.ts'
import orders from '../schemas/topics/orders.ts'

/** POST /orders: places an order. Payments come as OrderPaid over POST /events. */
export default defineProducer({
  name: 'orders',
  source: http({
    path: '/orders',
    body: PlaceOrder,
    summary: 'Places an order.',
    example: { customerId: 'ada', lines: [{ sku: 'lamp', quantity: 2, priceCents: 1950 }] },
  }),
  to: [orders],
  produce: ({ body, id, now }) => [
    send(
      orders,
      OrderPlaced(
        {
          orderId: id,
          customerId: body.customerId,
          lines: body.lines,
          totalCents: body.lines.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0),
          placedAt: now,
        },
        { id },
      ),
    ),
  ],
})
