import { expect, test } from 'vitest'

import { withinTime } from './within-time.ts'

test('gives back what comes in time, and what failed as it failed', async () => {
  expect(await withinTime(60_000, Promise.resolve(7))).toBe(7)
  await expect(withinTime(60_000, Promise.reject(new Error('no luck')))).rejects.toThrow('no luck')
})

test('a database that hangs is a retriable error that names the setting', async () => {
  const never = new Promise<never>(() => undefined)
  await expect(withinTime(1, never)).rejects.toMatchObject({
    code: 'MILLRACE_DATABASE_UNAVAILABLE',
    retriable: true,
    message: expect.stringContaining('MILLRACE_QUERY_TIMEOUT_MS') as string,
  })
})
