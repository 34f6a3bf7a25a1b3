import { defineQuery } from 'millrace'
import { notFound } from './not-found.ts'
import { userView } from './user-view.ts'

/** What the assistant knows of one user. */
export default defineQuery({
  name: 'user',
  path: '/users/:id',
  summary: 'What is known of a user.',
  reads: ['UserProfile'],
  parameters: [{ name: 'id', in: 'path', description: 'The user.', required: true }],
  handle: async (context, { prisma }) => {
    const userId = context.req.param('id') ?? ''
    const row = await prisma.userProfile.findUnique({ where: { userId } })
    return row === null ? notFound(context, `user ${userId}`) : context.json(userView(row))
  },
})
