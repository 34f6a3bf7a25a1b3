// The answer to a row that is not there.
import type { Context } from 'hono'

/** 404 as RFC 9457 has it, saying what was not found. */
export function notFound(context: Context, what: string): Response {
  return context.json({ type: 'about:blank', title: 'Not Found', status: 404, detail: `there is no ${what}` }, 404, {
    'content-type': 'application/problem+json',
  })
}
