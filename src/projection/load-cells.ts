// Loads the rows of a slice: one statement a table, answered as one JSON text, which costs the driver one value.
import type { Statements } from '../database/database.ts'
import type { Cells } from './fold-slice.ts'
import { keyText } from './row-key.ts'
import type { RowKey, TablePlan } from './table-plan.ts'

/** Fills the cells with the rows that are in the table. */
export async function loadCells(statements: Statements, plan: TablePlan, cells: Cells): Promise<void> {
  if (cells.size === 0) return
  const asked = [...cells.values()]
  const [answer] = await statements.query<{ rows: string }>(
    plan.loadSql,
    writeKeys(
      plan,
      asked.map(({ key }) => key),
    ),
  )
  const { columns } = plan
  for (const values of JSON.parse(answer?.rows ?? '[]') as readonly unknown[][]) {
    const cell = asked[Number(values[0])]
    if (cell === undefined) continue
    const row: Record<string, unknown> = {}
    for (let at = 0; at < columns.length; at += 1) {
      const column = columns[at]
      if (column !== undefined) row[column.name] = column.read(values[at + 1])
    }
    cell.loaded = Object.freeze(row)
    cell.row = cell.loaded
  }
}

/** Keys as the JSON that a load and a delete read. */
function writeKeys({ keyColumns }: TablePlan, keys: readonly RowKey[]): string {
  const written = keys.map(({ values }) => {
    const parts = keyColumns.map((column, at) => `${JSON.stringify(column.field.column)}:${column.write(values[at])}`)
    return `{${parts.join(',')}}`
  })
  return `[${written.join(',')}]`
}

/** The rows of a slice that its events changed, as the values of the table's contribution: upserts and deletes. */
export function writeCells(plan: TablePlan, cells: Cells): readonly [string, string] {
  const rows: string[] = []
  const gone: RowKey[] = []
  const names = plan.columns.map((column) => `${JSON.stringify(column.field.column)}:`)
  for (const { key, loaded, row } of cells.values()) {
    if (row === loaded) continue
    if (row === null) {
      if (loaded !== null) gone.push(key)
      continue
    }
    let text = '{'
    for (let at = 0; at < names.length; at += 1) {
      const column = plan.columns[at]
      if (column !== undefined) text += `${at === 0 ? '' : ','}${names[at]}${column.write(row[column.name])}`
    }
    rows.push(`${text}}`)
  }
  return [`[${rows.join(',')}]`, writeKeys(plan, gone)]
}

/** The keys of a slice's rows, in the words of millrace.row_lock. */
export function lockNames(
  plan: TablePlan,
  schema: string,
  cells: Cells,
): readonly { readonly m: string; readonly k: string }[] {
  const model = `${schema}.${plan.model}`
  return [...cells.values()].map(({ key }) => ({
    m: model,
    k: JSON.stringify(plan.keyColumns.map((column, at) => keyText(column, key.values[at]))),
  }))
}
