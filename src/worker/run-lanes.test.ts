import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelay } from './retry-delay.ts'
import { runLanes } from './run-lanes.ts'

describe('runLanes', () => {
  it('keeps the order of each key and runs no more than allowed at once', async () => {
    const keys = fc.array(fc.option(fc.constantFrom('a', 'b', 'c')))
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 4 }), fc.scheduler(), async (items, concurrency, scheduler) => {
        const numbered = items.map((key, index) => ({ key, index }))
        const ran: number[] = []
        let running = 0
        let most = 0
        const done = runLanes(
          numbered,
          ({ key }) => key,
          concurrency,
          async ({ index }) => {
            running += 1
            most = Math.max(most, running)
            await scheduler.schedule(Promise.resolve())
            running -= 1
            ran.push(index)
          },
        )
        await scheduler.waitFor(done)
        expect(most).toBeLessThanOrEqual(concurrency)
        expect(ran).toHaveLength(items.length)
        for (const key of ['a', 'b', 'c']) {
          const order = ran.filter((index) => items[index] === key)
          expect(order).toEqual(order.toSorted((x, y) => x - y))
        }
      }),
    )
  })
})

describe('retryDelay', () => {
  it('follows the policy with up to a fifth of jitter, and ends with it', () => {
    expect(retryDelay([1000, 5000], 1, null, 0)).toBe(1000)
    expect(retryDelay([1000, 5000], 2, null, 1)).toBe(6000)
    expect(retryDelay([1000, 5000], 2, 300, 0)).toBe(300)
    expect(retryDelay([1000, 5000], 3, 300, 0)).toBeNull()
    expect(retryDelay([], 1, null, 0)).toBeNull()
  })
})
