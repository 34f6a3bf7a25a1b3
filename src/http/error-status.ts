// The HTTP status and title of each error code that may be told to a client. A code that is not here is the server's own
// trouble: 503 when trying again may help, else 500, both without the message.

/** Status and title by error code. */
export const errorStatus: Readonly<Record<string, { readonly status: number; readonly title: string } | undefined>> = {
  MILLRACE_REQUEST_INVALID: { status: 400, title: 'The request is not valid' },
  MILLRACE_EVENT_INVALID: { status: 400, title: 'The event is not valid' },
  MILLRACE_QUERY_INVALID: { status: 400, title: 'The query is not valid' },
  MILLRACE_CURSOR_INVALID: { status: 400, title: 'The cursor is not valid' },
  MILLRACE_TOKEN_INVALID: { status: 400, title: 'The position token is not valid' },
  MILLRACE_TOKEN_FOREIGN: { status: 400, title: 'The model does not read the topic of the token' },
  MILLRACE_UNAUTHORIZED: { status: 401, title: 'A bearer token is needed' },
  MILLRACE_NOT_FOUND: { status: 404, title: 'There is no such thing' },
  MILLRACE_METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not allowed here' },
  MILLRACE_EVENT_PARKED: { status: 409, title: 'The event is parked' },
  MILLRACE_BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  MILLRACE_RECORD_REFUSED: { status: 413, title: 'The event is too large for the brokers' },
  MILLRACE_MEDIA_TYPE: { status: 415, title: 'The content type is not known here' },
  MILLRACE_IDEMPOTENCY_CONFLICT: { status: 422, title: 'The key was used for something else' },
  MILLRACE_EMIT_UNAVAILABLE: { status: 503, title: 'Events cannot be accepted now' },
  MILLRACE_WAIT_TIMEOUT: { status: 504, title: 'The position was not reached in time' },
}
