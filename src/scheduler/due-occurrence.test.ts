import { describe, expect, it } from 'vitest'
import { dueOccurrence } from './due-occurrence.ts'
import { nextOccurrence } from './next-occurrence.ts'

const at = (iso: string): Date => new Date(iso)

describe('nextOccurrence', () => {
  it('follows the time zone, over the change to summer time', () => {
    const daily = { id: 'd', cron: '30 8 * * *', timeZone: 'Europe/Oslo' }
    expect(nextOccurrence(daily, at('2026-03-28T12:00:00Z'))).toEqual(at('2026-03-29T06:30:00Z'))
    expect(nextOccurrence(daily, at('2026-03-27T12:00:00Z'))).toEqual(at('2026-03-28T07:30:00Z'))
  })

  it('knows seconds, and takes UTC where no zone is named', () => {
    expect(nextOccurrence({ id: 's', cron: '*/10 * * * * *' }, at('2026-01-01T00:00:01Z'))).toEqual(
      at('2026-01-01T00:00:10Z'),
    )
  })

  it('says which plan cannot be read', () => {
    expect(() => nextOccurrence({ id: 'broken', cron: 'every day' }, at('2026-01-01T00:00:00Z'))).toThrow(
      /plan broken: cron 'every day' in time zone 'UTC' cannot be read/,
    )
  })
})

describe('dueOccurrence', () => {
  const hourly = { id: 'h', cron: '0 * * * *' }

  it('fires what is due as it is', () => {
    expect(dueOccurrence(hourly, at('2026-01-01T05:00:00Z'), at('2026-01-01T05:00:01Z'))).toEqual(
      at('2026-01-01T05:00:00Z'),
    )
  })

  it('catches up once on what was missed, with the last of it, or skips it', () => {
    const [due, now] = [at('2026-01-01T05:00:00Z'), at('2026-01-01T09:30:00Z')]
    expect(dueOccurrence(hourly, due, now)).toEqual(at('2026-01-01T09:00:00Z'))
    expect(dueOccurrence({ ...hourly, misfire: 'skip' }, due, now)).toBeNull()
  })
})
