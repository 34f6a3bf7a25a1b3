// The role `scheduler`: fires the plans of schedule producers, and forgets what the gateway need not remember any longer.
import { systemClock } from '../../consumer/system-clock.ts'
import { createEmitter } from '../../producer/create-emitter.ts'
import { lazySchemaIds } from '../../producer/lazy-schema-ids.ts'
import { pruneEmitted } from '../../producer/prune-emitted.ts'
import { EventCodec } from '../../schema/event-codec.ts'
import { startScheduler } from '../../scheduler/start-scheduler.ts'
import type { RoleSurroundings, RunningRole } from './role.ts'

const pruneEveryMs = 600_000

/** Starts the scheduler of the project. */
export function schedulerRole({
  project,
  connections,
  logger,
  metrics,
  health,
}: RoleSurroundings): Promise<RunningRole> {
  const { kafka, registry, database } = connections
  const { app } = project.settings
  const emitter = createEmitter({
    connect: () => kafka.createProducer(),
    codec: new EventCodec(),
    schemaId: lazySchemaIds(registry),
    app,
    onEmitted: (topic, count) => metrics.emitted.inc({ topic }, count),
  })
  const part = health.part('scheduler')
  const scheduler = startScheduler({
    producers: project.definitions.producers,
    database,
    emit: async (producer, inputId, emissions) => {
      await emitter.send(emissions, {
        source: `/${app}/${producer.name}`,
        idFrom: { id: inputId, name: producer.name },
        correlationId: inputId,
      })
    },
    clock: systemClock,
    warn: (message, details) => logger.warn(details, message),
    onTick: () => part.progress(),
  })
  part.ready(true)
  const stopping = new AbortController()
  const pruning = (async () => {
    while (!stopping.signal.aborted) {
      await pruneEmitted(database).catch((error: unknown) => logger.warn({ err: error }, 'old idempotency keys stay'))
      await systemClock.sleep(pruneEveryMs, stopping.signal)
    }
  })()
  return Promise.resolve({
    ready: {},
    async stop() {
      stopping.abort()
      await scheduler.stop()
      await pruning
      await emitter.close()
    },
  })
}
