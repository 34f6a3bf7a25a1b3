// The app of the HTTP role: gateway, models, the user's queries, administration, and the description of it all. Everything it
// needs is an argument; it holds no connection of its own.
import type { Hono } from 'hono'
import type { Settings } from '../config/settings.ts'
import type { Database } from '../database/database.ts'
import type { Models } from '../database/model.ts'
import type { Definitions } from '../definition/definitions.ts'
import type { Metrics } from '../observability/create-metrics.ts'
import type { Health } from '../observability/health.ts'
import type { Logger } from '../observability/logger.ts'
import { acceptEvents } from '../producer/accept-events.ts'
import type { Emitter } from '../producer/create-emitter.ts'
import { emittedRows } from '../producer/emitted-rows.ts'
import { gatewayRoutes } from '../producer/gateway-routes.ts'
import { modelRoutes } from '../query/model-routes.ts'
import { modelSources } from '../query/model-sources.ts'
import { positionWatch } from '../query/position-watch.ts'
import { readAfter } from '../query/read-after.ts'
import { userQueryRoutes } from '../query/user-query-routes.ts'
import { withinTime } from '../query/within-time.ts'
import type { EventCodec } from '../schema/event-codec.ts'
import { positionTokens } from '../topic/position-token.ts'
import { signedText } from '../topic/signed-text.ts'
import { bearerGuard } from './bearer-guard.ts'
import { createBaseApp } from './create-base-app.ts'
import { docsRoutes } from './docs-routes.ts'
import type { HttpEnv } from './http-env.ts'
import { describeApi } from './openapi/describe-api.ts'
import type { OpenApiPath } from './openapi/openapi-document.ts'

/**
 * A claim without an answer is up for taking this long after its request was answered, in milliseconds: a write that had begun
 * by then has its own time limit (src/kafka), and must be over before somebody else writes the same.
 */
const claimGraceMs = 15_000

export interface HttpAppOptions {
  readonly settings: Settings
  readonly definitions: Definitions
  readonly models: Models
  readonly database: Database
  readonly emitter: Emitter
  readonly codec: EventCodec
  /** Signs tokens and cursors: `tokenKey(settings)`. */
  readonly tokenKey: Uint8Array
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** The bearer token of /admin, where it is not the setting's: the one that the embedded start made. */
  readonly adminToken?: string
  /** Adds routes below /admin, behind the token; their paths begin with `/admin/`. */
  readonly admin?: (routes: Hono<HttpEnv>) => void
  /** Adds other routes, such as the console's. */
  readonly extend?: (app: Hono<HttpEnv>) => void
  /** Describes the routes that `admin` and `extend` add. */
  readonly paths?: Readonly<Record<string, OpenApiPath>>
}

/** Makes the app of the HTTP role. Nothing is connected and no port is opened. */
export function createHttpApp(options: HttpAppOptions): Hono<HttpEnv> {
  const { settings, definitions, database, metrics, logger, models, emitter, codec } = options
  const app = createBaseApp({ ...options, bodyLimitBytes: settings.bodyLimitBytes })
  const tokens = positionTokens(options.tokenKey)
  const sources = modelSources(definitions)

  app.use('/admin/*', bearerGuard(options.adminToken ?? settings.adminToken))
  options.admin?.(app)
  app.route(
    '/',
    gatewayRoutes({
      app: settings.app,
      topics: definitions.topics,
      producers: definitions.producers,
      codec,
      emitter,
      tokens,
      accept: acceptEvents({ emitter, rows: emittedRows(database, settings.emitTimeoutMs + claimGraceMs), logger }),
      batchLimit: settings.batchLimit,
      emitTimeoutMs: settings.emitTimeoutMs,
      onRepeated: () => metrics.repeated.inc(),
    }),
  )
  const { queryTimeoutMs } = settings
  const reads: Pick<Database, 'query'> = {
    query: (sql, ...values) => withinTime(queryTimeoutMs, database.query(sql, ...values)),
  }
  const watch = positionWatch(reads, { onWaiting: (count) => metrics.waiting.set(count) })
  const reading = readAfter({ database: reads, tokens, watch, maxWaitMs: settings.maxWaitMs })
  app.route(
    '/',
    userQueryRoutes({ queries: definitions.queries, sources, database, tokens, readAfter: reading, queryTimeoutMs }),
  )
  const cursors = signedText(options.tokenKey, 'cursor')
  app.route('/', modelRoutes({ models, sources, database: reads, tokens, cursors, readAfter: reading }))
  app.route('/', docsRoutes(describeApi({ definitions, models, sources, codec, app: settings.app, ...extra(options) })))
  options.extend?.(app)
  return app
}

function extra({ paths }: HttpAppOptions): { readonly paths?: Readonly<Record<string, OpenApiPath>> } {
  return paths === undefined ? {} : { paths }
}
