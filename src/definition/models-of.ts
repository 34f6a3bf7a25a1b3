// Which Prisma models a consumer writes: a projection's tables, a processor's state.
import type { Consumer } from './definitions.ts'

/** The models that a consumer writes. */
export function modelsOf(consumer: Consumer): readonly string[] {
  if (consumer.kind === 'projection') return Object.keys(consumer.tables)
  return consumer.kind === 'processor' ? Object.keys(consumer.state) : []
}
