// How a projection's commits take their locks, which decides how a swap takes them (hold-consumer.ts).
import type { Statements } from '../database/database.ts'
import type { Projection } from '../definition/define-projection.ts'
import { areCoPartitioned } from '../projection/row-owners.ts'
import type { HoldOrder } from './hold-consumer.ts'

/** The order for a projection whose consumers are these. */
export async function holdOrderOf(statements: Statements, projection: Projection): Promise<HoldOrder> {
  if (!areCoPartitioned(projection.from)) return 'checkpoints first'
  const [shared] = await statements.query(
    `SELECT 1 AS shared FROM millrace.shared_rows WHERE consumer LIKE $1 || '.v%' LIMIT 1`,
    projection.name,
  )
  return shared === undefined ? 'tables first' : 'checkpoints first'
}
