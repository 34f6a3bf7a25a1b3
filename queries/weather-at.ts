import { defineQuery } from 'millrace'
import { notFound } from './not-found.ts'

/** The latest weather at one place, with an ETag that changes with each report. */
export default defineQuery({
  name: 'weather-at',
  path: '/weather/:location',
  summary: 'The latest observation at a place.',
  reads: ['WeatherLatest'],
  parameters: [{ name: 'location', in: 'path', description: 'The place, in any case of letters.', required: true }],
  handle: async (context, { prisma }) => {
    const location = context.req.param('location') ?? ''
    const row = await prisma.weatherLatest.findFirst({ where: { location: { equals: location, mode: 'insensitive' } } })
    if (row === null) return notFound(context, `weather of ${location}`)
    const etag = `"${row.observedAt.getTime().toString(36)}-${row.requests}"`
    if (context.req.header('if-none-match') === etag) return context.body(null, 304, { etag })
    return context.json(row, 200, { etag })
  },
})
