// A request as callers see it: its row, with the steps it went through in the order of time.
import type { RowOf } from 'millrace'

/** Shapes a row of RequestStatus. */
export function requestView({ parkedTopic, parkedPartition, parkedOffset, ...row }: RowOf<'RequestStatus'>) {
  const steps: readonly [string, Date | null][] = [
    ['received', row.receivedAt],
    ['requested', row.action === null || row.status === 'unrouted' ? null : row.requestedAt],
    ['started', row.startedAt],
    [row.status, row.finishedAt],
    ['answered', row.answeredAt],
    [row.reply, row.repliedAt],
  ]
  return {
    ...row,
    parkedAt:
      parkedTopic === null
        ? null
        : { topic: parkedTopic, partition: parkedPartition, offset: String(parkedOffset ?? '') },
    timeline: steps
      .filter((step): step is [string, Date] => step[1] !== null)
      .map(([step, at]) => ({ step, at }))
      .sort((one, other) => one.at.getTime() - other.at.getTime()),
  }
}
