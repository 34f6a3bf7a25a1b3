// Answers an error as application/problem+json (RFC 9457). What the client did wrong is told in full, with every wrong field;
// what went wrong inside is told by its code and the request's id only, and is in the log.
import { MillraceError } from '../errors/millrace-error.ts'
import { errorStatus } from './error-status.ts'

/** Details of an error that a client may see, besides its message and `problems`. */
const toldDetails = ['consumer', 'topic', 'partition', 'offset', 'parkedAs', 'reason', 'position'] as const

const inside = {
  503: 'Something that this request needs cannot be reached now. Send the same request again.',
  500: 'The server failed. Its log has the details under this request id.',
}

/** The status that an error is answered with. */
export function statusOf(error: unknown): number {
  if (!(error instanceof MillraceError)) return 500
  return errorStatus[error.code]?.status ?? (error.retriable ? 503 : 500)
}

/** Makes the answer to an error. @param requestId names the request in the log */
export function problemResponse(error: unknown, requestId: string): Response {
  const status = statusOf(error)
  const code = error instanceof MillraceError ? error.code : 'MILLRACE_INTERNAL'
  const told = errorStatus[code]
  const body: Record<string, unknown> = {
    type: `urn:millrace:error:${code}`,
    title: told?.title ?? (status === 503 ? 'Not available now' : 'Internal error'),
    status,
    detail: told === undefined ? inside[status === 503 ? 503 : 500] : (error as MillraceError).message,
    code,
    instance: requestId,
  }
  if (told !== undefined && error instanceof MillraceError) {
    const { context } = error
    if (Array.isArray(context['problems'])) body['errors'] = context['problems']
    for (const name of toldDetails) if (context[name] !== undefined) body[name] = plain(context[name])
  }
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (status === 503) headers.set('retry-after', '2')
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  return new Response(JSON.stringify(body), { status, headers })
}

function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
