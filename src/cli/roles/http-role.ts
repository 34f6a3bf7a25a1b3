// The roles `gateway` and `api`, or both on one port as `http`.
import { createHttpApp } from '../../http/create-http-app.ts'
import { serve } from '../../http/serve.ts'
import { EventCodec } from '../../schema/event-codec.ts'
import { tokenKey } from '../../config/token-key.ts'
import type { RunningRole, StartRole } from './role.ts'
import { roleEmitter } from './role-emitter.ts'
import { watchStore } from './watch-store.ts'

/** Starts the HTTP role with the given parts. */
export function httpRole(parts: { readonly gateway: boolean; readonly api: boolean }): StartRole {
  return async (surroundings): Promise<RunningRole> => {
    const { project, connections, logger, metrics, health } = surroundings
    const { settings, definitions, models } = project
    const { kafka, database } = connections
    const codec = new EventCodec()
    const emitter = roleEmitter(surroundings, codec)
    const served = {
      ...definitions,
      ...(parts.gateway ? {} : { producers: [], topics: [] }),
      ...(parts.api ? {} : { queries: [], projections: [], processors: [] }),
    }
    const app = createHttpApp({
      settings,
      definitions: served,
      models,
      database,
      emitter,
      codec,
      tokenKey: tokenKey(settings),
      logger,
      metrics,
      health,
    })
    const topics = definitions.topics.map(({ name }) => name)
    const part = health.part('http')
    const server = await serve(app, {
      port: settings.port,
      host: settings.host,
      requestTimeoutMs: settings.requestTimeoutMs,
      maxConnections: settings.maxConnections,
    })
    part.ready(true)
    const unwatch = await Promise.all([
      watchStore(health.part('postgres'), () => database.query('SELECT 1')),
      ...(parts.gateway ? [watchStore(health.part('kafka'), () => kafka.admin.describe(topics.slice(0, 1)))] : []),
    ])
    return {
      ready: { port: server.port },
      async stop(withinMs) {
        for (const end of unwatch) end()
        await server.stop(Math.max(0, withinMs - 500))
        await emitter.close()
      },
    }
  }
}
