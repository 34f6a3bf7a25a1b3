// Runs the events of a slice at once as far as order allows: events of one key form a lane and run one after the other, lanes
// run beside each other.

/**
 * Runs `run` for every item and resolves when all lanes have ended.
 * @param laneOf items with an equal lane keep their order; null is a lane of its own
 * @param concurrency how many items run at once
 */
export async function runLanes<Item>(
  items: readonly Item[],
  laneOf: (item: Item) => string | null,
  concurrency: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const lanes: Item[][] = []
  const byKey = new Map<string, Item[]>()
  for (const item of items) {
    const key = laneOf(item)
    const lane = key === null ? undefined : byKey.get(key)
    if (lane !== undefined) {
      lane.push(item)
      continue
    }
    const opened = [item]
    lanes.push(opened)
    if (key !== null) byKey.set(key, opened)
  }
  let next = 0
  const runNext = async (): Promise<void> => {
    for (let lane = lanes[next++]; lane !== undefined; lane = lanes[next++]) {
      for (const item of lane) await run(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, lanes.length) }, runNext))
}
