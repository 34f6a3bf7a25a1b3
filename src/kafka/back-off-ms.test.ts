import { expect, it } from 'vitest'
import { backOffMs } from './back-off-ms.ts'

it('doubles from 100 ms up to its bound, however many failures there were', () => {
  expect([0, 1, 2, 5, 6, 5000].map((failures) => backOffMs(failures))).toEqual([100, 200, 400, 3200, 5000, 5000])
  expect(backOffMs(9, 2_000)).toBe(2_000)
})
