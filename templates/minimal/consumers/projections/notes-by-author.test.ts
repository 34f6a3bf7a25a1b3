import { projectionSpec } from 'millrace/testing'
import { it } from 'vitest'
import { NoteWritten } from '../../schemas/generated/note-written.ts'
import notes from '../../schemas/topics/notes.ts'
import { send } from 'millrace'
import notesByAuthor from './notes-by-author.ts'

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12, minute))

it('counts the notes of an author and keeps the latest, in whatever order they come', () => {
  projectionSpec(notesByAuthor)
    .given([send(notes, NoteWritten({ noteId: '1', author: 'ada', text: 'first', writtenAt: at(1) }))])
    .when([
      send(notes, NoteWritten({ noteId: '2', author: 'ada', text: 'third', writtenAt: at(3) })),
      send(notes, NoteWritten({ noteId: '3', author: 'ada', text: 'second', writtenAt: at(2) })),
    ])
    .then({ NotesByAuthor: [{ author: 'ada', notes: 3, lastText: 'third', lastWrittenAt: at(3) }] })
})
