// The consumers among a project's definitions.
import type { Consumer, Definitions } from './definitions.ts'

/** Every consumer of a project, in the order projections, processors, workers. */
export function consumersOf(definitions: Definitions): readonly Consumer[] {
  return [...definitions.projections, ...definitions.processors, ...definitions.workers]
}
