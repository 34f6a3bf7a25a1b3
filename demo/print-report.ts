// What the demo prints at its end, all of it read through the query API but for the times of acceptance, which the people took.
import { percentileOf } from './percentile-of.ts'
import { printTable } from './print-table.ts'
import { getJson } from './read-requests.ts'
import type { RequestRow } from './read-requests.ts'

interface Weather {
  readonly location: string
  readonly temperatureC: number
  readonly summary: string
  readonly requests: number
}

interface Usage {
  readonly action: string
  readonly requested: number
  readonly completed: number
  readonly failed: number
  readonly okPercent: number | null
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly users: number
}

/** Writes the report. */
export async function printReport(
  url: string,
  write: (text: string) => void,
  acceptMs: readonly number[],
  requests: readonly RequestRow[],
): Promise<void> {
  const statuses = countBy(requests)
  write(`\nrequests by status\n${printTable(['status', 'requests'], [...statuses])}`)

  const weather = await getJson<{ items: readonly Weather[] }>(`${url}/weather?order=requests`)
  const places = weather.items.map((row) => [row.location, `${row.temperatureC} °C`, row.summary, row.requests])
  write(`\nlatest weather\n${printTable(['place', 'temperature', 'summary', 'reports'], places)}`)

  const usage = await getJson<{ items: readonly Usage[] }>(`${url}/stats/actions?bucket=day`)
  const actions = usage.items.map((row) => [
    row.action,
    row.requested,
    row.completed,
    row.failed,
    row.okPercent === null ? '' : `${row.okPercent} %`,
    row.p50Ms === null ? '' : `≤ ${row.p50Ms} ms`,
    row.p95Ms === null ? '' : `≤ ${row.p95Ms} ms`,
    row.users,
  ])
  write(
    `\nusage by action\n${printTable(['action', 'requested', 'completed', 'failed', 'ok', 'p50', 'p95', 'users'], actions)}`,
  )

  const answerMs = requests.flatMap(({ receivedAt, repliedAt }) =>
    receivedAt === null || repliedAt === null ? [] : [Date.parse(repliedAt) - Date.parse(receivedAt)],
  )
  const times = (label: string, values: readonly number[]): readonly (string | number)[] => [
    label,
    Math.round(percentileOf(values, 0.5)),
    Math.round(percentileOf(values, 0.99)),
  ]
  const rows = [times('post to 202', acceptMs), times('received to answered', answerMs)]
  write(`\ntimes in milliseconds\n${printTable(['', 'p50', 'p99'], rows)}`)
}

function countBy(requests: readonly RequestRow[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { status } of requests.toSorted((one, other) => (one.status < other.status ? -1 : 1)))
    counts.set(status, (counts.get(status) ?? 0) + 1)
  return counts
}
