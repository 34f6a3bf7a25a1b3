// Whether what a fold returned is a row of its model. Only fields that changed are looked at again: the others were checked when
// they came in.
import type { Row, TablePlan } from './table-plan.ts'

/** What is wrong with a row, naming the field, or null. */
export function rowProblem(
  { model, columns, columnNames, keyColumns }: TablePlan,
  before: Row,
  after: unknown,
): string | null {
  if (typeof after !== 'object' || after === null) return `the fold of ${model} returned no row and not null`
  const row = after as Record<string, unknown>
  for (const name in row) if (!columnNames.has(name)) return `${model} has no field ${name}`
  for (const column of columns) {
    const value = row[column.name]
    if (value === before[column.name]) continue
    if (keyColumns.includes(column) && !isSame(value, before[column.name])) {
      return `the fold of ${model} changed ${column.name}, which is part of the row's key`
    }
    const problem = column.problem(value)
    if (problem !== null) return `${model}.${column.name}: ${problem}`
  }
  return null
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.from(a).equals(b)
  return a === b
}
