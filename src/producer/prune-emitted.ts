// Forgets old answers of the gateway, so that millrace.emitted stays small. The scheduler calls it every few minutes.
import type { Database } from '../database/database.ts'

const pruneRows = `
DELETE FROM millrace.emitted WHERE ctid IN (
  SELECT ctid FROM millrace.emitted WHERE created_at < now() - $1::text::double precision * interval '1 millisecond' LIMIT 10000
)`

/**
 * Deletes answers older than `olderThanMs` (default: 24 hours) in portions, and resolves with how many there were. An id that
 * comes again after that is written again, and consumers drop it by its id.
 */
export async function pruneEmitted(database: Pick<Database, 'execute'>, olderThanMs = 86_400_000): Promise<number> {
  let total = 0
  for (;;) {
    const count = await database.execute(pruneRows, String(olderThanMs))
    total += count
    if (count < 10_000) return total
  }
}
