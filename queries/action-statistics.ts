import { defineQuery } from 'millrace'
import { badParameter } from './bad-parameter.ts'
import { percentile } from './percentile.ts'
import { readTime } from './read-time.ts'

interface Bucket {
  readonly action: string
  readonly from: Date
}

/** Usage by action, over hours or days. */
export default defineQuery({
  name: 'action-statistics',
  path: '/stats/actions',
  summary: 'How often each action was asked for, how reliably and how fast it was answered, and by how many users.',
  reads: ['ActionUsage', 'ActionUsageUser', 'ActionUsageDuration'],
  parameters: [
    { name: 'from', in: 'query', description: 'Only hours at or after this moment, ISO 8601.' },
    { name: 'to', in: 'query', description: 'Only hours before this moment, ISO 8601.' },
    { name: 'bucket', in: 'query', description: 'hour or day, in UTC (default: hour).' },
  ],
  handle: async (context, { prisma }) => {
    const { bucket = 'hour', ...range } = context.req.query()
    const from = readTime(range['from'])
    const to = readTime(range['to'])
    if (from === null) return badParameter(context, 'from', 'a moment in ISO 8601')
    if (to === null) return badParameter(context, 'to', 'a moment in ISO 8601')
    if (bucket !== 'hour' && bucket !== 'day') return badParameter(context, 'bucket', 'hour or day')
    const first = (from ?? new Date(0)).toISOString()
    const end = to === undefined ? 'infinity' : to.toISOString()

    const usage = await prisma.$queryRaw<(Bucket & { requested: number; completed: number; failed: number })[]>`
      SELECT action, date_trunc(${bucket}, hour, 'UTC') AS "from",
        sum(requested)::int AS requested, sum(completed)::int AS completed, sum(failed)::int AS failed
      FROM action_usage WHERE hour >= ${first}::timestamptz AND hour < ${end}::timestamptz
      GROUP BY 1, 2 ORDER BY 2, 1`
    const users = await prisma.$queryRaw<(Bucket & { users: number })[]>`
      SELECT action, date_trunc(${bucket}, hour, 'UTC') AS "from", count(DISTINCT user_id)::int AS users
      FROM action_usage_user WHERE hour >= ${first}::timestamptz AND hour < ${end}::timestamptz
      GROUP BY 1, 2`
    const durations = await prisma.$queryRaw<(Bucket & { upToMs: number; count: number })[]>`
      SELECT action, date_trunc(${bucket}, hour, 'UTC') AS "from", up_to_ms AS "upToMs", sum(count)::int AS count
      FROM action_usage_duration WHERE hour >= ${first}::timestamptz AND hour < ${end}::timestamptz
      GROUP BY 1, 2, 3`

    const items = usage.map((row) => {
      const isSame = (other: Bucket): boolean =>
        other.action === row.action && other.from.getTime() === row.from.getTime()
      const ended = row.completed + row.failed
      const histogram = durations.filter(isSame)
      return {
        ...row,
        okPercent: ended === 0 ? null : Math.round((1000 * row.completed) / ended) / 10,
        p50Ms: percentile(histogram, 0.5),
        p95Ms: percentile(histogram, 0.95),
        users: users.find(isSame)?.users ?? 0,
      }
    })
    return context.json({ items })
  },
})
