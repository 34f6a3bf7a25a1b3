import { describe, expect, it } from 'vitest'
import type { ConsumerStatus, PartitionStatus } from '../../consumer/consumer-member.ts'
import { createHealth } from '../../observability/health.ts'
import { consumerHealth } from './consumer-health.ts'

const at = (over: Partial<PartitionStatus>): ConsumerStatus => ({
  consumer: 'porter.v1',
  state: 'running',
  partitions: [{ topic: 't', partition: 0, next: 5n, phase: 'idle', waitingFor: null, parkedKeys: 0, ...over }],
})

function watched() {
  let now = 0
  const health = createHealth(() => now)
  const look = consumerHealth(health.part('porter', { stallMs: 60_000 }))
  return {
    look,
    /** Looks every five seconds for the given time. */
    after(ms: number, status: (elapsed: number) => ConsumerStatus) {
      for (let elapsed = 0; elapsed < ms; elapsed += 5_000) {
        now += 5_000
        look(status(elapsed))
      }
      return health.report().parts[0]
    },
  }
}

describe('consumerHealth', () => {
  it('is live while idle, and while it moves on', () => {
    expect(watched().after(600_000, () => at({}))).toMatchObject({ live: true, ready: true })
    const moving = (elapsed: number) => at({ phase: 'applying', next: BigInt(elapsed) })
    expect(watched().after(600_000, moving)).toMatchObject({ live: true, ready: true })
  })

  it('is not live when a partition stays at the same records', () => {
    expect(watched().after(50_000, () => at({ phase: 'applying' }))).toMatchObject({ live: true })
    expect(watched().after(90_000, () => at({ phase: 'applying' }))).toMatchObject({ live: false, ready: false })
  })

  it('waits for an outage as long as it takes, and is not ready meanwhile', () => {
    const waiting = at({ phase: 'applying', waitingFor: 'no broker answers' })
    expect(watched().after(600_000, () => waiting)).toMatchObject({
      live: true,
      ready: false,
      reason: 'waiting: no broker answers',
    })
  })

  it('says which partition is stopped', () => {
    expect(watched().after(5_000, () => at({ phase: 'stopped' }))).toMatchObject({ live: true, ready: false })
  })
})
