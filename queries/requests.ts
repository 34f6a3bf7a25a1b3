import { defineQuery } from 'millrace'
import { badParameter } from './bad-parameter.ts'
import { readLimit } from './read-limit.ts'
import { readTime } from './read-time.ts'
import { requestView } from './request-view.ts'
import { readCursor, writeCursor } from './time-cursor.ts'

/** Requests, the newest first. */
export default defineQuery({
  name: 'requests',
  path: '/requests',
  summary: 'Requests, the newest first, by user, status, action and time.',
  reads: ['RequestStatus'],
  parameters: [
    { name: 'userId', in: 'query', description: 'Only those of this user.' },
    { name: 'status', in: 'query', description: 'Only those with this status: done, permanent, expired, unrouted …' },
    { name: 'action', in: 'query', description: 'Only those for this action.' },
    { name: 'from', in: 'query', description: 'Only those received at this moment or later, ISO 8601.' },
    { name: 'limit', in: 'query', description: 'At most so many, 1 to 500 (default: 50).' },
    { name: 'cursor', in: 'query', description: '`next` of the page before.' },
  ],
  handle: async (context, { prisma }) => {
    const { userId, status, action, from, limit, cursor } = context.req.query()
    const since = readTime(from)
    if (since === null) return badParameter(context, 'from', 'a moment in ISO 8601')
    const before = cursor === undefined ? undefined : readCursor(cursor)
    if (before === null) return badParameter(context, 'cursor', 'the `next` of an earlier page')
    const take = readLimit(limit)
    const rows = await prisma.requestStatus.findMany({
      where: {
        ...(userId !== undefined && { userId }),
        ...(status !== undefined && { status }),
        ...(action !== undefined && { action }),
        receivedAt: { not: null, ...(since !== undefined && { gte: since }) },
        ...(before !== undefined && {
          OR: [{ receivedAt: { lt: before.at } }, { receivedAt: before.at, requestId: { lt: before.id } }],
        }),
      },
      orderBy: [{ receivedAt: 'desc' }, { requestId: 'desc' }],
      take,
    })
    const last = rows.at(-1)
    const at = rows.length === take ? last?.receivedAt : null
    return context.json({
      items: rows.map(requestView),
      next: last && at ? writeCursor({ at, id: last.requestId }) : null,
    })
  },
})
