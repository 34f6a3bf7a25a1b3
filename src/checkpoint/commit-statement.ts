// Builds the one statement that commits a batch: the fence as a CTE, then one CTE per kind of row, each asking the fence first.
// A statement is atomic by nature, so no client-side transaction and no client-side timer stands between rows and checkpoint.

/** Rows written with the checkpoint. Its CTEs name `fence` in their WHERE, and their parameters begin at $first. */
export interface Contribution {
  /** How many parameters it takes. */
  readonly width: number
  readonly ctes: (first: number) => readonly string[]
}

/** How many parameters the fence takes: $1 to $14. $1, $2 and $3 are consumer, topic and partition for every contribution. */
const FENCE_WIDTH = 14

const FENCE = `fence AS (
  UPDATE millrace.checkpoint SET
    next_offset = $6::bigint,
    revision = revision + 1,
    starts = CASE WHEN $6::bigint > next_offset THEN 0 ELSE starts END,
    -- A commit that passes no record is of parked events: it ends the count of one of them, never of a record to come.
    trying_offset = CASE WHEN $6::bigint > next_offset OR trying_offset < next_offset THEN NULL ELSE trying_offset END,
    trying_attempts = CASE WHEN $6::bigint > next_offset OR trying_offset < next_offset THEN 0 ELSE trying_attempts END,
    last_offset = coalesce($7::bigint, last_offset),
    last_timestamp = coalesce($8::bigint, last_timestamp),
    last_event_id = coalesce($9::text, last_event_id),
    applied = applied + $10::bigint,
    repeated = repeated + $11::bigint,
    filtered = filtered + $12::bigint,
    parked_total = parked_total + $13::bigint,
    updated_at = $14::timestamptz
  WHERE consumer = $1 AND topic = $2 AND partition = $3::int AND revision = $4::bigint AND epoch = $5::bigint
  RETURNING 1)`

/** The statement's text: built once per consumer, so that the server prepares it once per connection. */
export function buildCommitStatement(contributions: readonly Contribution[]): string {
  const ctes = [FENCE]
  let first = FENCE_WIDTH + 1
  for (const contribution of contributions) {
    ctes.push(...contribution.ctes(first))
    first += contribution.width
  }
  return `WITH ${ctes.join(',\n')}\nSELECT count(*)::int AS fenced FROM fence`
}
