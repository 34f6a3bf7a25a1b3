// The ids of a batch as part of its commit: one row in place of those it merges, and rows that left the window deleted.
import type { Contribution } from './commit-statement.ts'
import type { IdWrite } from './id-log.ts'

export const idContribution: Contribution = {
  width: 4,
  ctes: (first) => [
    `ids_in AS (
  INSERT INTO millrace.event_ids (consumer, topic, partition, first_offset, last_offset, ids)
  SELECT $1, $2, $3::int, $${first}::bigint, $${first + 1}::bigint, $${first + 2}::bytea FROM fence WHERE $${first}::bigint IS NOT NULL
  ON CONFLICT (consumer, topic, partition, first_offset) DO UPDATE SET last_offset = excluded.last_offset, ids = excluded.ids)`,
    `ids_out AS (
  DELETE FROM millrace.event_ids
  WHERE consumer = $1 AND topic = $2 AND partition = $3::int AND EXISTS (SELECT FROM fence)
    AND (first_offset > $${first}::bigint OR (last_offset < $${first + 3}::bigint AND first_offset IS DISTINCT FROM $${first}::bigint)))`,
  ],
}

/** The values of `idContribution`. */
export function idValues({ row, floor }: IdWrite): readonly unknown[] {
  return [row?.firstOffset ?? null, row?.lastOffset ?? null, row?.ids ?? null, floor]
}
