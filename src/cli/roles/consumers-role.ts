// The role `consumers`: a member of the group of each projection, processor and worker.
import { createRecordDecoder } from '../../consumer/create-record-decoder.ts'
import { type RunningConsumer, startConsumer } from '../../consumer/start-consumer.ts'
import { systemClock } from '../../consumer/system-clock.ts'
import type { Consumer } from '../../definition/definitions.ts'
import { consumersOf } from '../../definition/consumers-of.ts'
import { runLive } from '../../replay/run-live.ts'
import { EventCodec } from '../../schema/event-codec.ts'
import { registerTopicSchemas } from '../../schema/register-topic-schemas.ts'
import { SchemaDecoder } from '../../schema/schema-decoder.ts'
import { usageError } from '../usage-error.ts'
import type { RunningRole, StartRole } from './role.ts'
import { roleEmitter } from './role-emitter.ts'
import { consumerHealth } from './consumer-health.ts'
import { strategyOf } from './strategy-of.ts'

/** Starts all consumers of the project, or those named. */
export function consumersRole(only: readonly string[] | null): StartRole {
  return async (surroundings): Promise<RunningRole> => {
    const { project, connections, logger, metrics, health } = surroundings
    const { settings, definitions } = project
    // A misspelt name would be a process that is healthy and does nothing.
    const consumers = consumersOf(definitions)
    const unknown = only?.find((name) => !consumers.some((consumer) => consumer.name === name))
    if (unknown !== undefined) {
      const names = consumers.map((consumer) => consumer.name).join(', ') || 'none'
      throw usageError(`--only: there is no consumer '${unknown}'; the project defines ${names}`)
    }
    const { kafka, registry, database } = connections
    const codec = new EventCodec()
    const schemaIds = await registerTopicSchemas(registry, definitions.topics)
    const emitter = roleEmitter(surroundings, codec)
    const schemas = new SchemaDecoder({ registry, now: Date.now })
    /** A look at the latest member of each consumer. */
    const looks = new Map<string, () => void>()
    const running: Pick<RunningConsumer, 'stop' | 'failed'>[] = []
    for (const definition of consumers) {
      if (only !== null && !only.includes(definition.name)) continue
      const part = health.part(definition.name, { stallMs: stallMsOf(definition) })
      const look = consumerHealth(part)
      const start = async (): Promise<RunningConsumer> => {
        const consumer = await startConsumer({
          definition,
          strategy: strategyOf(definition, { emitter, codec, schemaIds, clock: systemClock }, surroundings),
          app: settings.app,
          kafka,
          database,
          decoder: createRecordDecoder(schemas, definition.from),
          logger,
          metrics,
          clock: systemClock,
        })
        looks.set(definition.name, () => look(consumer.status()))
        return consumer
      }
      running.push(
        definition.kind === 'projection'
          ? await runLive({ projection: definition, database, clock: systemClock, logger, start })
          : await start(),
      )
      part.ready(true)
    }
    const looking = setInterval(() => {
      for (const look of looks.values()) look()
    }, 5_000)
    return {
      ready: { consumers: running.length },
      ended: Promise.race(running.map(({ failed }) => failed)).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      ),
      async stop() {
        clearInterval(looking)
        await Promise.all(running.map((consumer) => consumer.stop()))
        await emitter.close()
      },
    }
  }
}

/** A slice of a worker may be events of one key, each of which may take its whole time. */
function stallMsOf(consumer: Consumer): number {
  return consumer.kind === 'worker' ? Math.max(60_000, consumer.timeoutMs * consumer.concurrency) : 60_000
}
