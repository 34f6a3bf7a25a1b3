// Surrounds every request: gives it an id, sets security headers, counts it, and writes one log line about it. A client's own
// X-Request-Id is kept when it is short and harmless, so that a trace can begin outside.
import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Metrics } from '../observability/create-metrics.ts'
import type { Logger } from '../observability/logger.ts'
import type { HttpEnv } from './http-env.ts'

const harmlessId = /^[\w.:-]{1,128}$/

/** Security headers of every answer; /docs sets a policy of its own. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Routes that are asked all the time by machines: their log lines are written at debug. */
const quietRoutes = new Set(['/health/live', '/health/ready', '/metrics'])

/** The outermost middleware. @param now monotonic milliseconds */
export function requestFrame(
  logger: Logger,
  metrics: Metrics,
  now: () => number = () => performance.now(),
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const begun = now()
    const given = c.req.header('x-request-id')
    const requestId = given !== undefined && harmlessId.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    c.set('logger', logger.child({ requestId }))
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) if (!c.res.headers.has(name)) c.header(name, value)
    c.header('x-request-id', requestId)
    const milliseconds = now() - begun
    const { status } = c.res
    // The route's pattern, never the path: a label must not grow with what people ask for.
    const route = status === 404 ? 'none' : routePath(c, -1)
    const { method } = c.req
    metrics.httpRequests.observe({ method: knownMethod(method), route, status }, milliseconds / 1000)
    const details = { method, path: c.req.path, status, ms: Math.round(milliseconds * 10) / 10 }
    const level = status >= 500 ? 'warn' : quietRoutes.has(route) ? 'debug' : 'info'
    c.get('logger')[level](details, 'request')
  }
}

function knownMethod(method: string): string {
  return /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : 'OTHER'
}
