// What the gateway remembers of ids and idempotency keys, in millrace.emitted. Statements of requests that arrive together
// are grouped.
//
// A row's states: claimed (no answer yet: somebody is writing the event), answered, stale (claimed so long ago, or given up,
// that the next request with the same body may claim it), gone (abandoned before anything was written, or pruned).
import type { Database } from '../database/database.ts'
import { groupedCall } from './grouped-call.ts'

/** An id or key that a request wants to be the first with. */
export interface Claim {
  /** Keys of different scopes have nothing to do with each other. */
  readonly scope: string
  readonly key: string
  /** SHA-256 of what was sent, in hex: the same key with another one is a conflict. */
  readonly hash: string
}

/** How a claim ended. */
export type ClaimOutcome =
  /** `fresh`: nobody had it before, so that giving it up leaves no trace. */
  | { readonly kind: 'ours'; readonly fresh: boolean }
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'conflict' }
  /** Another request is at it. */
  | { readonly kind: 'pending' }

/** The remembered ids and keys. Everything rejects as the database does. */
export interface EmittedRows {
  claim(claims: readonly Claim[]): Promise<readonly ClaimOutcome[]>
  /** Stores what was answered. */
  answer(answers: readonly { readonly claim: Claim; readonly answer: unknown }[]): Promise<void>
  /** The outcome is unknown: the same request may claim it again at once, another body may not. */
  release(claims: readonly Claim[]): Promise<void>
  /** Nothing was written: forgets the claim. */
  abandon(claims: readonly Claim[]): Promise<void>
}

const claimRows = `
WITH asked AS (
  SELECT scope, key, decode(hash, 'hex') AS body_hash
  FROM json_to_recordset($1::text::json) AS a(scope text, key text, hash text)
), claimed AS (
  INSERT INTO millrace.emitted AS e (scope, key, body_hash)
  SELECT scope, key, body_hash FROM asked ORDER BY scope, key
  ON CONFLICT (scope, key) DO UPDATE SET created_at = now()
    WHERE e.answer IS NULL AND e.body_hash = excluded.body_hash
      AND e.created_at < now() - $2::text::double precision * interval '1 millisecond'
  RETURNING e.scope, e.key, xmax = 0 AS fresh
)
SELECT asked.scope, asked.key, claimed.fresh, e.answer::text AS answer, e.body_hash = asked.body_hash AS same
FROM asked LEFT JOIN claimed USING (scope, key) LEFT JOIN millrace.emitted e USING (scope, key)`

const answerRows = `
UPDATE millrace.emitted e SET answer = a.answer
FROM json_to_recordset($1::text::json) AS a(scope text, key text, answer jsonb)
WHERE e.scope = a.scope AND e.key = a.key AND e.answer IS NULL`

const releaseRows = `
UPDATE millrace.emitted e SET created_at = now() - interval '1 hour'
FROM json_to_recordset($1::text::json) AS a(scope text, key text)
WHERE e.scope = a.scope AND e.key = a.key AND e.answer IS NULL`

const abandonRows = `
DELETE FROM millrace.emitted e
USING json_to_recordset($1::text::json) AS a(scope text, key text)
WHERE e.scope = a.scope AND e.key = a.key AND e.answer IS NULL`

interface ClaimRow {
  readonly scope: string
  readonly key: string
  readonly fresh: boolean | null
  readonly answer: string | null
  readonly same: boolean | null
}

/** Opens the remembered ids. @param staleMs a claim without an answer is up for taking after this, in milliseconds */
export function emittedRows(database: Pick<Database, 'query' | 'execute'>, staleMs: number): EmittedRows {
  const place = ({ scope, key }: { readonly scope: string; readonly key: string }): string => `${scope}\n${key}`
  const claim = groupedCall(async (claims: readonly Claim[]): Promise<readonly ClaimOutcome[]> => {
    const rows = await database.query<ClaimRow>(claimRows, JSON.stringify(claims), String(staleMs))
    const byPlace = new Map(rows.map((row) => [place(row), row]))
    return claims.map((asked) => outcomeOf(byPlace.get(place(asked))))
  })
  const answer = groupedCall(async (answers: readonly { claim: Claim; answer: unknown }[]) => {
    const rows = answers.map(({ claim: { scope, key }, answer }) => ({ scope, key, answer }))
    await database.execute(answerRows, JSON.stringify(rows))
    return answers.map(() => null)
  })
  return {
    claim,
    answer: async (answers) => void (await answer(answers)),
    release: async (claims) =>
      void (claims.length > 0 && (await database.execute(releaseRows, JSON.stringify(claims)))),
    abandon: async (claims) =>
      void (claims.length > 0 && (await database.execute(abandonRows, JSON.stringify(claims)))),
  }
}

function outcomeOf(row: ClaimRow | undefined): ClaimOutcome {
  if (row !== undefined && row.fresh !== null) return { kind: 'ours', fresh: row.fresh }
  // A row that was committed after the statement's snapshot is not seen yet: asking again will show it.
  if (row === undefined || row.same === null) return { kind: 'pending' }
  if (!row.same) return { kind: 'conflict' }
  return row.answer === null ? { kind: 'pending' } : { kind: 'answered', answer: JSON.parse(row.answer) as unknown }
}
