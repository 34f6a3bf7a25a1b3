import { expect, it } from 'vitest'
import { planMessages } from './plan-messages.ts'

const plan = planMessages(1, 50, 1000)
const countOf = (fate: string): number => plan.filter((message) => message.fate === fate).length

it('plans the same messages for the same seed, and others for another', () => {
  expect(planMessages(1, 50, 1000)).toEqual(plan)
  expect(planMessages(2, 50, 1000)).not.toEqual(plan)
})

it('has every fate, and people who ask for the weather before and after they said where they are', () => {
  for (const fate of ['done', 'permanent', 'expired', 'unrouted']) expect(countOf(fate)).toBeGreaterThan(30)
  const own = plan.filter(({ text }) => text === 'weather')
  expect(own.some(({ fate }) => fate === 'done') && own.some(({ fate }) => fate === 'permanent')).toBe(true)
  expect(new Set(plan.map(({ person }) => person)).size).toBe(50)
})
