// The orders in which a consumer may see events of several lanes: all that keep each lane's own order.
//
// Promises every such order where there are at most `limit`, and else `limit` of them, drawn the same way in every run.

/** Orders of the items of `lanes`. */
export function interleavings<Item>(lanes: readonly (readonly Item[])[], limit = 1000): readonly (readonly Item[])[] {
  return count(lanes, limit) <= limit ? all(lanes) : sample(lanes, limit)
}

/** How many orders there are; anything above `limit` may be too low, but not below it. */
function count(lanes: readonly (readonly unknown[])[], limit: number): number {
  let orders = 1
  let placed = 0
  for (const lane of lanes) {
    for (let index = 1; index <= lane.length; index += 1) {
      placed += 1
      orders = (orders * placed) / index
    }
    if (orders > limit) return orders
  }
  return Math.round(orders)
}

function all<Item>(lanes: readonly (readonly Item[])[]): Item[][] {
  const open = lanes.filter((lane) => lane.length > 0)
  if (open.length === 0) return [[]]
  return open.flatMap(([first, ...others], chosen) =>
    all(open.map((lane, index) => (index === chosen ? others : lane))).map((rest) => [first as Item, ...rest]),
  )
}

function sample<Item>(lanes: readonly (readonly Item[])[], limit: number): Item[][] {
  let state = 1
  const draw = (below: number): number => {
    // A linear congruential generator: the same draws in every run, so that a failing order is found again.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return Array.from({ length: limit }, () => {
    const positions = lanes.map(() => 0)
    const order: Item[] = []
    const total = lanes.reduce((sum, lane) => sum + lane.length, 0)
    while (order.length < total) {
      const lane = draw(lanes.length)
      const item = lanes[lane]?.[positions[lane] ?? 0]
      if (item === undefined) continue
      positions[lane] = (positions[lane] ?? 0) + 1
      order.push(item)
    }
    return order
  })
}
