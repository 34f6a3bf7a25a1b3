import { send } from 'millrace'
import { workerSpec } from 'millrace/testing'
import { it } from 'vitest'
import { OrderPaid } from '../../schemas/generated/order-paid.ts'
import { OrderShipped } from '../../schemas/generated/order-shipped.ts'
import orders from '../../schemas/topics/orders.ts'
import shipments from '../../schemas/topics/shipments.ts'
import shipping from './shipping.ts'

it('ships a paid order under a code that a repeat gives again', async () => {
  const at = new Date(Date.UTC(2026, 0, 1))
  await workerSpec(shipping)
    .when(send(orders, OrderPaid({ orderId: 'o1', customerId: 'ada', amountCents: 100, paidAt: at })), {
      idempotencyKey: 'abcdef01-2345',
      now: () => at,
    })
    .then([send(shipments, OrderShipped({ orderId: 'o1', trackingCode: 'P-ABCDEF01', shippedAt: at }))])
})
