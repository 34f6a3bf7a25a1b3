// Makes the constructor of one event type. Called by generated code only: people write .avsc files.
import type { AvroSchema, EventOptions, EventType, NewEvent } from './event-type.ts'

/**
 * Makes a typed event constructor from an Avro record.
 * @param fullName the record's name with its namespace, `dev.example.notes.v1.NoteWritten`
 * @param schema the record, self-contained
 */
export function defineEvent<Name extends string, Data>(
  eventName: Name,
  fullName: string,
  schema: AvroSchema,
): EventType<Name, Data> {
  const construct = (data: Data, options: EventOptions = {}): NewEvent<Name, Data> => ({
    ...options,
    type: eventName,
    data,
  })
  return Object.freeze(Object.assign(construct, { eventName, fullName, schema }))
}
