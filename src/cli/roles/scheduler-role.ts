// The role `scheduler`: fires the plans of schedule producers, and forgets what the gateway need not remember any longer.
import { systemClock } from '../../consumer/system-clock.ts'
import { pruneEmitted } from '../../producer/prune-emitted.ts'
import { EventCodec } from '../../schema/event-codec.ts'
import { startScheduler } from '../../scheduler/start-scheduler.ts'
import type { RoleSurroundings, RunningRole } from './role.ts'
import { roleEmitter } from './role-emitter.ts'

const pruneEveryMs = 600_000

/** Starts the scheduler of the project. */
export function schedulerRole(surroundings: RoleSurroundings): Promise<RunningRole> {
  const { project, connections, logger, health } = surroundings
  const { database } = connections
  const { app } = project.settings
  const emitter = roleEmitter(surroundings, new EventCodec())
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
