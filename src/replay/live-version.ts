// Which version of a projection is live, in millrace.live.
import type { Statements } from '../database/database.ts'

export interface LiveVersion {
  readonly version: number
  /** What the last swap or rollback put aside; null when there is nothing to roll back to. */
  readonly previousVersion: number | null
  /** Raised by a rollback: members join anew then. */
  readonly revision: bigint
}

/** Reads it. The first version that a database ever sees becomes the live one. */
export async function readLiveVersion(
  statements: Statements,
  projection: string,
  version: number,
): Promise<LiveVersion> {
  // Most calls find the row, and a look costs no lock.
  const found = await find(statements, projection)
  if (found !== null) return found
  await statements.execute(
    'INSERT INTO millrace.live (projection, version) VALUES ($1, $2::int) ON CONFLICT (projection) DO NOTHING',
    projection,
    version,
  )
  return (await find(statements, projection)) ?? { version, previousVersion: null, revision: 0n }
}

async function find(statements: Statements, projection: string): Promise<LiveVersion | null> {
  const [row] = await statements.query<LiveVersion>(
    'SELECT version, previous_version AS "previousVersion", revision FROM millrace.live WHERE projection = $1',
    projection,
  )
  return row ?? null
}
