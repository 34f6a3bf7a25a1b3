// Runs the events of a batch at once as far as order allows: events of one key form a lane and run one after the other, lanes
// run beside each other. An event whose lane broke before it is not run: it belongs behind the one that broke.

/** What running one event said about its lane: go on, or break it so that the later events of its key wait. */
export type LaneStep = 'continue' | 'break'

/**
 * Runs `run` for every item and resolves when all lanes have ended.
 * @param laneOf items with an equal lane keep their order; null is a lane of its own
 * @param concurrency how many items run at once
 * @param skipped is told each item that stands behind a break, in order
 */
export async function runLanes<Item>(
  items: readonly Item[],
  laneOf: (item: Item) => string | null,
  concurrency: number,
  run: (item: Item) => Promise<LaneStep>,
  skipped: (item: Item) => void,
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
      let step: LaneStep = 'continue'
      for (const item of lane) {
        if (step === 'break') skipped(item)
        else step = await run(item)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, lanes.length) }, runNext))
}
