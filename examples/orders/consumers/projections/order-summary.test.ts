import { send } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { OrderPaid } from '../../schemas/generated/order-paid.ts'
import { OrderPlaced } from '../../schemas/generated/order-placed.ts'
import { OrderShipped } from '../../schemas/generated/order-shipped.ts'
import orders from '../../schemas/topics/orders.ts'
import shipments from '../../schemas/topics/shipments.ts'
import orderSummary from './order-summary.ts'

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12, minute))
const lines = [{ sku: 'lamp', quantity: 2, priceCents: 1950 }]

it('follows an order from placed to shipped, though the parcel may be read first', () => {
  projectionSpec(orderSummary)
    .given([
      send(orders, OrderPlaced({ orderId: 'o1', customerId: 'ada', lines, totalCents: 3900, placedAt: at(1) })),
      send(orders, OrderPaid({ orderId: 'o1', customerId: 'ada', amountCents: 3900, paidAt: at(2) })),
    ])
    .when([send(shipments, OrderShipped({ orderId: 'o1', trackingCode: 'P-1', shippedAt: at(3) }))])
    .then({
      OrderSummary: [
        {
          orderId: 'o1',
          customerId: 'ada',
          items: 2,
          totalCents: 3900,
          paidCents: 3900,
          placedAt: at(1),
          paidAt: at(2),
          trackingCode: 'P-1',
          shippedAt: at(3),
        },
      ],
    })
})
