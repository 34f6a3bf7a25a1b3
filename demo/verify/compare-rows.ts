// Compares computed rows with those of the database, column by column.
import { isDeepStrictEqual } from 'node:util'
import type { Client } from 'pg'
import type { Row, TableFold } from './model-fold.ts'

/** How a table compares. */
export interface Comparison {
  readonly rows: number
  /** What differs, one line a row. */
  readonly differences: readonly string[]
}

/** Compares every row of a table; one that is missing on either side differs. */
export async function compareRows(client: Client, fold: TableFold): Promise<Comparison> {
  const { rows } = await client.query<Row>(`SELECT * FROM ${fold.table}`)
  const stored = new Map(rows.map(plain).map((row) => [JSON.stringify(fold.keyColumns.map((name) => row[name])), row]))
  const differences: string[] = []
  for (const [key, row] of fold.rows) {
    const other = stored.get(key)
    if (other === undefined) differences.push(`${fold.table} ${key}: not in the database`)
    else if (!isDeepStrictEqual(sorted(row), sorted(other)))
      differences.push(`${fold.table} ${key}: ${difference(row, other)}`)
  }
  for (const key of stored.keys())
    if (!fold.rows.has(key)) differences.push(`${fold.table} ${key}: only in the database`)
  return { rows: fold.rows.size, differences }
}

/** Moments as milliseconds and 64-bit numbers as numbers, as the fold has them. */
function plain(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Date) return [name, value.getTime()]
      const isLong = name === 'revision' || name === 'parked_offset'
      return [name, isLong && value !== null ? Number(value) : value]
    }),
  )
}

function sorted(row: Row): Row {
  return Object.fromEntries(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function difference(computed: Row, stored: Row): string {
  return [...new Set([...Object.keys(computed), ...Object.keys(stored)])]
    .filter((name) => !isDeepStrictEqual(computed[name], stored[name]))
    .map((name) => `${name} is ${JSON.stringify(stored[name])}, computed ${JSON.stringify(computed[name])}`)
    .join('; ')
}
