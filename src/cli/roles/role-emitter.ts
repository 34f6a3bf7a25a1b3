// The emitter of a role: events go to the project's cluster, and are counted.
import { createEmitter, type Emitter } from '../../producer/create-emitter.ts'
import { lazySchemaIds } from '../../producer/lazy-schema-ids.ts'
import type { EventCodec } from '../../schema/event-codec.ts'
import type { RoleSurroundings } from './role.ts'

/** Makes it. Nothing is connected until the first write. */
export function roleEmitter({ project, connections, metrics }: RoleSurroundings, codec: EventCodec): Emitter {
  return createEmitter({
    connect: () => connections.kafka.createProducer(),
    codec,
    schemaId: lazySchemaIds(connections.registry),
    app: project.settings.app,
    onEmitted: (topic, count) => metrics.emitted.inc({ topic }, count),
  })
}
