// What the health of a process says of a consumer. Live means progress: a partition that has been at the same records for too long
// is stalled, whatever the process looks like. Waiting for an outage to end is no stall, and is told as not ready.
import type { ConsumerStatus } from '../../consumer/consumer-member.ts'
import type { HealthPart } from '../../observability/health.ts'

/** Takes one look at a consumer; called every few seconds with its latest status. */
export type LookAtConsumer = (status: ConsumerStatus) => void

/** Makes the look that keeps a part of the process's health. */
export function consumerHealth(part: HealthPart): LookAtConsumer {
  /** Where partitions at work stood at the last look. */
  let before = new Map<string, bigint>()
  return ({ partitions }) => {
    const now = new Map<string, bigint>()
    let stuck = 0
    let outage: string | null = null
    for (const { topic, partition, next, phase, waitingFor } of partitions) {
      if (waitingFor !== null) outage = waitingFor
      if (waitingFor !== null || (phase !== 'applying' && phase !== 'committing')) continue
      const place = `${topic}-${partition}`
      now.set(place, next)
      if (before.get(place) === next) stuck += 1
    }
    // The clock of the part runs from the first look that saw no progress until the first that does.
    if (now.size === 0) part.idle()
    else if (stuck === 0) part.progress()
    const stopped = partitions.find(({ phase }) => phase === 'stopped')
    if (outage !== null) part.ready(false, `waiting: ${outage}`)
    else if (stopped !== undefined)
      part.ready(false, `${stopped.topic}-${stopped.partition} is stopped: its log is not the one that was read before`)
    else part.ready(true)
    before = now
  }
}
