import { defineQuery } from 'millrace'
import { badParameter } from './bad-parameter.ts'
import { readLimit } from './read-limit.ts'

/** The latest weather of every place, by name or by how often it was asked for. */
export default defineQuery({
  name: 'weather',
  path: '/weather',
  summary: 'The latest observation of every place.',
  reads: ['WeatherLatest'],
  parameters: [
    { name: 'order', in: 'query', description: 'location or requests, the most asked first (default: location).' },
    { name: 'limit', in: 'query', description: 'At most so many, 1 to 500 (default: 50).' },
  ],
  handle: async (context, { prisma }) => {
    const { order = 'location', limit } = context.req.query()
    if (order !== 'location' && order !== 'requests') return badParameter(context, 'order', 'location or requests')
    const rows = await prisma.weatherLatest.findMany({
      orderBy: order === 'requests' ? [{ requests: 'desc' }, { location: 'asc' }] : { location: 'asc' },
      take: readLimit(limit),
    })
    return context.json({ items: rows })
  },
})
