import { send } from 'millrace'
import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { OrderPaid } from '../../schemas/generated/order-paid.ts'
import { OrderPlaced } from '../../schemas/generated/order-placed.ts'
import orders from '../../schemas/topics/orders.ts'
import customerTotals from './customer-totals.ts'

const at = new Date(Date.UTC(2026, 0, 1))

it('adds up the orders of a customer, whichever partition is read first', () => {
  projectionSpec(customerTotals)
    .given([
      send(orders, OrderPlaced({ orderId: 'o1', customerId: 'ada', lines: [], totalCents: 100, placedAt: at })),
      send(orders, OrderPlaced({ orderId: 'o2', customerId: 'ada', lines: [], totalCents: 50, placedAt: at })),
    ])
    .when([send(orders, OrderPaid({ orderId: 'o1', customerId: 'ada', amountCents: 100, paidAt: at }))])
    .then({ CustomerTotals: [{ customerId: 'ada', orders: 2, orderedCents: 150, paidCents: 100 }] })
})
