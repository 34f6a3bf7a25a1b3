// The part of an HTTP app that every role has: request frame, limits, problems for every failure, health and metrics.
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Metrics } from '../observability/create-metrics.ts'
import type { Health } from '../observability/health.ts'
import type { Logger } from '../observability/logger.ts'
import { healthRoutes } from './health-routes.ts'
import type { HttpEnv } from './http-env.ts'
import { problemResponse, statusOf } from './problem-response.ts'
import { requestFrame } from './request-frame.ts'

export interface BaseAppOptions {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** The largest body of a request, in bytes (default: 1,048,576). */
  readonly bodyLimitBytes?: number
}

/** Makes the app of a role that has nothing to serve but its health, or the ground for one that has. */
export function createBaseApp(options: BaseAppOptions): Hono<HttpEnv> {
  const { logger, metrics, health, bodyLimitBytes = 1_048_576 } = options
  const app = new Hono<HttpEnv>()
  app.use(requestFrame(logger, metrics))
  app.use(async (c, next) => {
    // No text of the database holds NUL, so no address leads anywhere with it.
    if (/%00|\0/.test(c.req.url)) {
      throw new MillraceError('MILLRACE_REQUEST_INVALID', 'The address holds the character NUL (%00).')
    }
    await next()
  })
  app.use(
    bodyLimit({
      maxSize: bodyLimitBytes,
      onError: () => {
        throw new MillraceError(
          'MILLRACE_BODY_TOO_LARGE',
          `The body is larger than ${bodyLimitBytes} bytes. Send less at once, or raise MILLRACE_BODY_LIMIT_BYTES.`,
        )
      },
    }),
  )
  app.route('/', healthRoutes(health, metrics))
  app.onError((error, c) => {
    const requestId = c.get('requestId')
    if (error instanceof HTTPException && error.status < 500) {
      const wrapped = new MillraceError('MILLRACE_REQUEST_INVALID', error.message || 'The request is not valid.')
      return problemResponse(wrapped, requestId)
    }
    // Its body broke off: nobody hears the answer, and it is no failure of the server.
    if (c.req.raw.signal.aborted && !(error instanceof MillraceError)) {
      const left = new MillraceError('MILLRACE_REQUEST_INVALID', 'The client went away before its request had ended.')
      return problemResponse(left, requestId)
    }
    if (statusOf(error) >= 500 && statusOf(error) !== 504) c.get('logger').error({ err: error }, 'request failed')
    return problemResponse(error, requestId)
  })
  app.notFound((c) => {
    const allowed = methodsOf(app, c.req.path)
    // A route that was found may say itself that there is no such thing.
    if (allowed.length > 0 && !allowed.includes(c.req.method === 'HEAD' ? 'GET' : c.req.method)) {
      const refused = problemResponse(
        new MillraceError('MILLRACE_METHOD_NOT_ALLOWED', `${c.req.path} takes ${allowed.join(', ')}.`),
        c.get('requestId'),
      )
      refused.headers.set('allow', allowed.join(', '))
      return refused
    }
    return problemResponse(
      new MillraceError(
        'MILLRACE_NOT_FOUND',
        'There is nothing at this address. /docs shows what there is, /openapi.json lists it.',
      ),
      c.get('requestId'),
    )
  })
  return app
}

/** The methods that a path is served for; empty where there is nothing. */
function methodsOf(app: Hono<HttpEnv>, path: string): string[] {
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  )
}
