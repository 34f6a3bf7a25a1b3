import { defineProducer, http, send } from 'millrace'
import { NoteDraft } from '../schemas/generated/note-draft.ts'
import { NoteWritten } from '../schemas/generated/note-written.ts'
import notes from '../schemas/topics/notes.ts'

/** POST /notes: answers 202 once the brokers have the event. */
export default defineProducer({
  name: 'notes',
  source: http({
    path: '/notes',
    body: NoteDraft,
    summary: 'Writes a note.',
    example: { author: 'ada', text: 'hello' },
  }),
  to: [notes],
  produce: ({ body, id, now }) => [send(notes, NoteWritten({ noteId: id, ...body, writtenAt: now }))],
})
