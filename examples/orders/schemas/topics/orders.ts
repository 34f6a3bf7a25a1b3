import { defineTopic } from 'millrace'
import { OrderPaid } from '../generated/order-paid.ts'
import { OrderPlaced } from '../generated/order-placed.ts'

/** What happens to an order in the shop, in order. */
export default defineTopic({
  name: 'orders.orders',
  key: 'orderId',
  partitions: 6,
  events: [OrderPlaced, OrderPaid],
})
