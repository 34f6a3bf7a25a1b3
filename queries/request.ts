import { defineQuery } from 'millrace'
import { notFound } from './not-found.ts'
import { requestView } from './request-view.ts'

/** What became of one request. */
export default defineQuery({
  name: 'request',
  path: '/requests/:id',
  summary: 'What became of a request: its status, its answer and its timeline.',
  reads: ['RequestStatus'],
  parameters: [{ name: 'id', in: 'path', description: 'The request: uuid5 of its message.', required: true }],
  handle: async (context, { prisma }) => {
    const requestId = context.req.param('id') ?? ''
    const row = await prisma.requestStatus.findUnique({ where: { requestId } })
    return row === null ? notFound(context, `request ${requestId}`) : context.json(requestView(row))
  },
})
