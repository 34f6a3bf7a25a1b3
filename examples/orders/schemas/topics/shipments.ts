import { defineTopic } from 'millrace'
import { OrderShipped } from '../generated/order-shipped.ts'

/** What happens to an order's parcel. */
export default defineTopic({
  name: 'orders.shipments',
  key: 'orderId',
  partitions: 6,
  events: [OrderShipped],
})
