// Groups calls that arrive while an earlier one runs into one call: a group commit. Nothing waits for a timer; a lone call
// goes out at once, and under load the groups grow by themselves.

/** Queues one item and resolves with its result. Rejects as the whole group does. */
export type GroupedCall<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>

/**
 * Groups calls of `run`.
 * @param run takes the items of several calls, gives back one result per item in the same order
 * @param largest items per group; a single call may hold more (default: 2,000)
 */
export function groupedCall<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  largest = 2000,
): GroupedCall<Item, Result> {
  interface Waiting {
    readonly items: readonly Item[]
    readonly resolve: (results: readonly Result[]) => void
    readonly reject: (error: unknown) => void
  }
  let queue: Waiting[] = []
  let running = false

  async function drain(): Promise<void> {
    running = true
    while (queue.length > 0) {
      let count = 0
      const fitting = queue.findIndex(({ items }, index) => (count += items.length) > largest && index > 0)
      const group = fitting === -1 ? queue : queue.slice(0, fitting)
      queue = fitting === -1 ? [] : queue.slice(fitting)
      try {
        const results = await run(group.flatMap(({ items }) => items))
        let from = 0
        for (const { items, resolve } of group) resolve(results.slice(from, (from += items.length)))
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    running = false
  }

  return (items) =>
    new Promise((resolve, reject) => {
      if (items.length === 0) {
        resolve([])
        return
      }
      queue.push({ items, resolve, reject })
      // In the same turn of the event loop several requests may arrive: they share the first group.
      if (!running) {
        running = true
        queueMicrotask(() => void drain())
      }
    })
}
