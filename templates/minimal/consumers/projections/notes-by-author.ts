import { defineProjection } from 'millrace'
import notes from '../../schemas/topics/notes.ts'

/** One row per author: how many notes, and the last one. Serves GET /models/notes-by-author. */
export default defineProjection({
  name: 'notes-by-author',
  from: [notes],
  tables: {
    NotesByAuthor: {
      key: ({ data }) => data.author,
      initial: { notes: 0, lastText: '', lastWrittenAt: new Date(0) },
      evolve: {
        NoteWritten: (row, { data }) => {
          const counted = { ...row, notes: row.notes + 1 }
          // Notes of one author lie in several partitions, between which there is no order: the latest is found by its time.
          if (data.writtenAt < row.lastWrittenAt) return counted
          return { ...counted, lastText: data.text, lastWrittenAt: data.writtenAt }
        },
      },
    },
  },
})
