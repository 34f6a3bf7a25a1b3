// The strategy of a consumer by its kind.
import { randomUUID } from 'node:crypto'
import type { Consumer } from '../../definition/definitions.ts'
import type { Clock } from '../../consumer/clock.ts'
import type { Strategy } from '../../consumer/strategy.ts'
import { uuid5 } from '../../envelope/uuid5.ts'
import type { Emitter } from '../../producer/create-emitter.ts'
import { outputSender } from '../../producer/output-sender.ts'
import { ProcessorStrategy } from '../../processor/processor-strategy.ts'
import { ProjectionStrategy } from '../../projection/projection-strategy.ts'
import { workerStrategy } from '../../worker/worker-strategy.ts'
import type { EventCodec } from '../../schema/event-codec.ts'
import type { SchemaIds } from '../../schema/register-topic-schemas.ts'
import type { RoleSurroundings } from './role.ts'

/** What consumers that send share. */
export interface Outgoing {
  readonly emitter: Emitter
  readonly codec: EventCodec
  readonly schemaIds: SchemaIds
  readonly clock: Clock
}

/** Makes the strategy of a consumer. */
export function strategyOf(
  consumer: Consumer,
  { emitter, codec, schemaIds, clock }: Outgoing,
  { project, connections, logger }: Pick<RoleSurroundings, 'project' | 'connections' | 'logger'>,
): Strategy {
  const { models, settings } = project
  const { database } = connections
  if (consumer.kind === 'projection') return new ProjectionStrategy(consumer, { models, database })
  const outputs = outputSender({
    emitter,
    codec,
    schemaIds,
    now: () => clock.now(),
    newId: randomUUID,
    app: settings.app,
    consumer: consumer.name,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    logger,
  })
  if (consumer.kind === 'processor') return new ProcessorStrategy(consumer, { models, database, outputs })
  return workerStrategy({
    worker: consumer,
    outputs,
    idempotencyKey: (event) => uuid5('effect', event.id, consumer.name),
    clock,
    logger,
    random: Math.random,
  })
}
