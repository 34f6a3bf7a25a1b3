// The role `consumers`: a member of the group of each projection, processor and worker.
import { createRecordDecoder } from '../../consumer/create-record-decoder.ts'
import { type RunningConsumer, startConsumer } from '../../consumer/start-consumer.ts'
import { systemClock } from '../../consumer/system-clock.ts'
import { consumersOf } from '../../definition/consumers-of.ts'
import { createEmitter } from '../../producer/create-emitter.ts'
import { lazySchemaIds } from '../../producer/lazy-schema-ids.ts'
import { runLive } from '../../replay/run-live.ts'
import { EventCodec } from '../../schema/event-codec.ts'
import { registerTopicSchemas } from '../../schema/register-topic-schemas.ts'
import { SchemaDecoder } from '../../schema/schema-decoder.ts'
import type { RunningRole, StartRole } from './role.ts'
import { strategyOf } from './strategy-of.ts'

/** Starts all consumers of the project, or those named. */
export function consumersRole(only: readonly string[] | null): StartRole {
  return async (surroundings): Promise<RunningRole> => {
    const { project, connections, logger, metrics, health } = surroundings
    const { settings, definitions } = project
    const { kafka, registry, database } = connections
    const codec = new EventCodec()
    const schemaIds = await registerTopicSchemas(registry, definitions.topics)
    const emitter = createEmitter({
      connect: () => kafka.createProducer(),
      codec,
      schemaId: lazySchemaIds(registry),
      app: settings.app,
      onEmitted: (topic, count) => metrics.emitted.inc({ topic }, count),
    })
    const schemas = new SchemaDecoder({ registry, now: Date.now })
    const running: Pick<RunningConsumer, 'stop' | 'failed'>[] = []
    for (const definition of consumersOf(definitions)) {
      if (only !== null && !only.includes(definition.name)) continue
      const part = health.part(definition.name)
      const start = (): Promise<RunningConsumer> =>
        startConsumer({
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
      running.push(
        definition.kind === 'projection'
          ? await runLive({ projection: definition, database, clock: systemClock, logger, start })
          : await start(),
      )
      part.ready(true)
    }
    return {
      ready: { consumers: running.length },
      ended: Promise.race(running.map(({ failed }) => failed)).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      ),
      async stop() {
        await Promise.all(running.map((consumer) => consumer.stop()))
        await emitter.close()
      },
    }
  }
}
