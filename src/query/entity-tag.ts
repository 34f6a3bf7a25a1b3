// ETag and If-None-Match. The tag is weak and made of what was asked for alone: the position in an answer moves with every
// event, and a client that has the rows already should not be sent them again for that.
import { createHash } from 'node:crypto'
import type { Context } from 'hono'

/**
 * Answers with a body and its tag, or with 304 when the client has it already.
 * @param body the text of the answer @param content what the tag is made of
 */
export function answerTagged(c: Context, body: string, content: string): Response {
  const tag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
  c.header('etag', tag)
  c.header('cache-control', 'no-cache')
  const known = c.req.header('if-none-match')
  const has =
    known !== undefined &&
    (known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^(?!W\/)/, 'W/') === tag))
  return has ? c.body(null, 304) : c.body(body, 200, { 'content-type': 'application/json' })
}
