import { defineQuery } from 'millrace'
import { readLimit } from './read-limit.ts'
import { userView } from './user-view.ts'

/** The users, sorted by id. */
export default defineQuery({
  name: 'users',
  path: '/users',
  summary: 'Users, with or without a location.',
  reads: ['UserProfile'],
  parameters: [
    { name: 'hasLocation', in: 'query', description: 'true: only users with a location; false: only users without.' },
    { name: 'limit', in: 'query', description: 'At most so many, 1 to 500 (default: 50).' },
    { name: 'cursor', in: 'query', description: '`next` of the page before.' },
  ],
  handle: async (context, { prisma }) => {
    const { hasLocation, limit, cursor } = context.req.query()
    const take = readLimit(limit)
    const rows = await prisma.userProfile.findMany({
      where: {
        ...(hasLocation === 'true' && { location: { not: null } }),
        ...(hasLocation === 'false' && { location: null }),
        ...(cursor !== undefined && { userId: { gt: cursor } }),
      },
      orderBy: { userId: 'asc' },
      take,
    })
    return context.json({
      items: rows.map(userView),
      next: rows.length === take ? (rows.at(-1)?.userId ?? null) : null,
    })
  },
})
