// An expected refusal: it becomes an error code (and, where the version has a field for it, a message) in the reply.
// Anything else that is thrown while a request is handled closes the connection.

export class ProtocolError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'ProtocolError'
    this.code = code
  }
}
