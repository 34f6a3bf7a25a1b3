import { defineTopic } from 'millrace'
import { NoteWritten } from '../generated/note-written.ts'

/** Everything that happens to notes, in order per note. */
export default defineTopic({ name: 'notes.notes', key: 'noteId', partitions: 6, events: [NoteWritten] })
