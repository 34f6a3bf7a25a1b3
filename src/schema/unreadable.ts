// The one error inside the reading half of this room: bytes that are not what their schema says, or a schema pair that cannot be
// read. It carries the reason and no stack, for a hostile producer may cause many; SchemaDecoder turns it into MILLRACE_UNDECODABLE.

/** Bytes or schemas that cannot be read. */
export class Unreadable extends Error {
  constructor(reason: string) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(reason)
    Error.stackTraceLimit = limit
    this.name = 'Unreadable'
  }
}
