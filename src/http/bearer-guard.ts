// Lets a request pass that carries the admin token. Both sides are hashed before they are compared, so that neither the time
// taken nor the length tells anything about the token.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { MillraceError } from '../errors/millrace-error.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A middleware that asks for `Authorization: Bearer <token>`. Without a token it lets nobody pass. */
export function bearerGuard(token: string | null): MiddlewareHandler {
  const expected = token === null ? null : digest(token)
  return async (c, next) => {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (expected === null || given === undefined || !timingSafeEqual(digest(given), expected)) {
      throw new MillraceError(
        'MILLRACE_UNAUTHORIZED',
        expected === null
          ? 'Administration is closed: this server has no admin token. Set ADMIN_TOKEN.'
          : 'Administration needs the header Authorization: Bearer <token>, with the value of ADMIN_TOKEN.',
      )
    }
    await next()
  }
}
