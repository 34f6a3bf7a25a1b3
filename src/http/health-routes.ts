// /health/live, /health/ready and /metrics: what an orchestrator and Prometheus ask. Every role serves them.
import { Hono } from 'hono'
import type { Metrics } from '../observability/create-metrics.ts'
import type { Health } from '../observability/health.ts'

/** Routes about the process itself. */
export function healthRoutes(health: Health, metrics: Metrics): Hono {
  return new Hono()
    .get('/health/live', (c) => {
      const { live, parts } = health.report()
      return c.json({ live, parts }, live ? 200 : 503)
    })
    .get('/health/ready', (c) => {
      const { ready, parts } = health.report()
      return c.json({ ready, parts }, ready ? 200 : 503)
    })
    .get('/metrics', async (c) =>
      c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
    )
}
