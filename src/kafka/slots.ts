// A counting semaphore, first come, first served.

/** Makes `count` slots. The function takes one, waiting if need be, and resolves with the function that gives it back. */
export function createSlots(count: number): () => Promise<() => void> {
  let free = count
  const waiting: (() => void)[] = []
  const giveBack = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return async () => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return giveBack
  }
}
