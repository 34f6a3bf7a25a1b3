// One process of a project: opens it, connects it, starts its role, and serves health and metrics where a port is set for them.
import { createLogger } from '../../observability/create-logger.ts'
import { createHealth } from '../../observability/health.ts'
import { createMetrics } from '../../observability/create-metrics.ts'
import { createBaseApp } from '../../http/create-base-app.ts'
import { serve } from '../../http/serve.ts'
import { connectProject } from '../connect-project.ts'
import { openProject } from '../open-project.ts'
import type { RunningRole, StartRole } from './role.ts'

/** Starts the role of this process. */
export async function startRole(
  name: string,
  start: StartRole,
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<RunningRole> {
  const project = await openProject(directory, env)
  const { settings } = project
  const base = { app: settings.app, role: name }
  const logger = createLogger({ level: settings.logLevel, format: settings.logFormat, base })
  const metrics = createMetrics()
  const health = createHealth()
  const connections = await connectProject(project, name, logger)
  const role = await start({ project, connections, logger, metrics, health, signal })
  const server =
    settings.healthPort === null
      ? null
      : await serve(createBaseApp({ logger, metrics, health }), {
          port: settings.healthPort,
          host: settings.host,
          portSetting: 'MILLRACE_HEALTH_PORT',
        })
  return {
    ...role,
    async stop(withinMs) {
      await role.stop(withinMs)
      await server?.stop(0)
      await connections.close()
    },
  }
}
