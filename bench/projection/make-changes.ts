// The events of the bench, the same in every run: each key once, then keys at random.
import { createHash } from 'node:crypto'
import type { AccountChangedData } from './account-changed.ts'

export interface Change {
  readonly id: string
  readonly data: AccountChangedData
}

const START = Date.UTC(2026, 0, 1)
const STATUSES = ['OPEN', 'FROZEN', 'CLOSED'] as const
const OWNERS = 5000

export function makeChanges(count: number, keys: number): readonly Change[] {
  const random = generator(42)
  return Array.from({ length: count }, (_, index) => {
    const account = index < keys ? index : random(keys)
    const status = STATUSES[random(3)] ?? 'OPEN'
    const data: AccountChangedData = {
      accountId: `account-${String(account).padStart(6, '0')}`,
      owner: `owner-${account % OWNERS}`,
      status,
      balance: random(10_000_000) / 100,
      currency: random(2) === 0 ? 'EUR' : 'NOK',
      revision: index,
      active: status === 'OPEN',
      note: random(4) === 0 ? 'changed by hand, "see Zürich"' : null,
      tags: random(2) === 0 ? ['retail'] : ['retail', 'north'],
      changedAt: new Date(START + index * 250),
    }
    return { id: uuid(index), data }
  })
}

function uuid(index: number): string {
  const hex = createHash('md5').update(String(index)).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** Numbers from 0 to below a bound, by a linear congruence: quick, and no matter of taste between runs. */
function generator(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
