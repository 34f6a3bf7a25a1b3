import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelay } from './retry-delay.ts'
import { runLanes } from './run-lanes.ts'

describe('runLanes', () => {
  it('keeps the order of each key, runs no more than allowed at once, and skips what stands behind a break', async () => {
    const item = fc.record({ key: fc.option(fc.constantFrom('a', 'b', 'c')), breaks: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(item),
        fc.integer({ min: 1, max: 4 }),
        fc.scheduler(),
        async (items, concurrency, scheduler) => {
          const numbered = items.map((each, index) => ({ ...each, index }))
          const ran: number[] = []
          const skipped: number[] = []
          let running = 0
          let most = 0
          const done = runLanes(
            numbered,
            ({ key }) => key,
            concurrency,
            async ({ index, breaks }) => {
              running += 1
              most = Math.max(most, running)
              await scheduler.schedule(Promise.resolve())
              running -= 1
              ran.push(index)
              return breaks ? 'break' : 'continue'
            },
            ({ index }) => skipped.push(index),
          )
          await scheduler.waitFor(done)
          expect(most).toBeLessThanOrEqual(concurrency)
          expect([...ran, ...skipped].sort((a, b) => a - b)).toEqual(numbered.map(({ index }) => index))
          for (const key of ['a', 'b', 'c']) {
            const lane = numbered.filter((each) => each.key === key)
            const broken = lane.findIndex(({ breaks }) => breaks)
            const expected = broken < 0 ? lane : lane.slice(0, broken + 1)
            expect(ran.filter((index) => numbered[index]?.key === key)).toEqual(expected.map(({ index }) => index))
          }
        },
      ),
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
