// Compatibility of a new schema with earlier versions, at one of the seven levels that schema registries know.
//   BACKWARD  new consumers read what was written before
//   FORWARD   consumers of before read what is written now
//   FULL      both; and each of the three as _TRANSITIVE: against every earlier version, not just the last
import type { AvroSchema } from './avro-schema.ts'
import { checkReader } from './check-reader.ts'
import { COMPATIBILITY_LEVELS, type CompatibilityLevel } from './compatibility-levels.ts'
import type { Incompatibility } from './incompatibility.ts'

export interface EarlierVersion {
  readonly version: number
  readonly schema: AvroSchema
}

export interface CompatibilityFinding extends Incompatibility {
  /** Which side breaks: BACKWARD, the new schema on old data; FORWARD, the old schema on new data. */
  readonly direction: 'BACKWARD' | 'FORWARD'
  /** The earlier version that it breaks with. */
  readonly version: number
}

/** @param earlier all versions that count, oldest first; the result goes from the newest to the oldest of them */
export function checkCompatibility(
  level: CompatibilityLevel,
  schema: AvroSchema,
  earlier: readonly EarlierVersion[],
): readonly CompatibilityFinding[] {
  const { backward, forward, transitive } = COMPATIBILITY_LEVELS[level]
  const against = transitive ? [...earlier].reverse() : earlier.slice(-1)
  return against.flatMap(({ version, schema: old }) => [
    ...(backward ? checkReader(schema, old) : []).map((each) => ({ ...each, direction: 'BACKWARD' as const, version })),
    ...(forward ? checkReader(old, schema) : []).map((each) => ({ ...each, direction: 'FORWARD' as const, version })),
  ])
}
