// The answer to a parameter that cannot be read.
import type { Context } from 'hono'

/** 400 as RFC 9457 has it, naming the parameter. */
export function badParameter(context: Context, name: string, expected: string): Response {
  return context.json(
    { type: 'about:blank', title: 'Bad Request', status: 400, detail: `${name}: expected ${expected}` },
    400,
    { 'content-type': 'application/problem+json' },
  )
}
