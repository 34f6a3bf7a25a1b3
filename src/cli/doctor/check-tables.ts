// Looks at the tables of projections: could a rebuild swap them?
import type { Models } from '../../database/model.ts'
import type { Statements } from '../../database/database.ts'
import type { Projection } from '../../definition/define-projection.ts'
import { tablesOf } from '../../replay/table-name.ts'
import { findUnswappable } from '../../replay/refuse-unswappable.ts'
import type { Finding } from './finding.ts'

export async function checkTables(
  projections: readonly Projection[],
  models: Models,
  database: Statements,
): Promise<readonly Finding[]> {
  const tables = projections.flatMap((projection) => tablesOf(projection, models))
  // A table that is not there is told by the check of the models.
  const found = (await findUnswappable(database, tables)).filter(({ kind }) => kind !== 'missing table')
  const subject = 'tables of projections'
  if (found.length === 0) return [{ subject, state: 'ok', detail: `${tables.length} can be rebuilt and swapped` }]
  const detail = found.map(({ table, kind, object }) => `${table}: ${kind} ${object}`).join('; ')
  const fix = 'drop what hangs on the tables themselves before the next rebuild'
  return [{ subject, state: 'warn', detail: `cannot be swapped: ${detail}`, fix }]
}
