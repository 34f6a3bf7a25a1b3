import { defineQuery } from 'millrace'
import { badParameter } from './bad-parameter.ts'
import { readLimit } from './read-limit.ts'
import { readCursor, writeCursor } from './time-cursor.ts'

/** What was said in one conversation, the newest first. An answer that was decided at once follows its message. */
export default defineQuery({
  name: 'conversation-messages',
  path: '/conversations/:id/messages',
  summary: 'What was said in a conversation, the newest first.',
  reads: ['ConversationLog'],
  parameters: [
    { name: 'id', in: 'path', description: 'The conversation.', required: true },
    { name: 'limit', in: 'query', description: 'At most so many, 1 to 500 (default: 50).' },
    { name: 'before', in: 'query', description: '`next` of the page before.' },
  ],
  handle: async (context, { prisma }) => {
    const { limit, before } = context.req.query()
    const place = before === undefined ? undefined : readCursor(before)
    if (place === null) return badParameter(context, 'before', 'the `next` of an earlier page')
    const take = readLimit(limit)
    const rows = await prisma.conversationLog.findMany({
      where: {
        conversationId: context.req.param('id') ?? '',
        at: { not: null },
        ...(place !== undefined && { OR: [{ at: { lt: place.at } }, { at: place.at, id: { lt: place.id } }] }),
      },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take,
    })
    const last = rows.at(-1)
    const at = rows.length === take ? last?.at : null
    return context.json({ items: rows, next: last && at ? writeCursor({ at, id: last.id }) : null })
  },
})
