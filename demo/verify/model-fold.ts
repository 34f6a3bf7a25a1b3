// The rows of one table as the verifier computes them: by primary key, with the names and the values of the database.
// Moments are milliseconds since 1970, other values as JSON has them.

export type Row = Readonly<Record<string, unknown>>

/** Folds entries into rows. */
export class TableFold {
  readonly table: string
  readonly keyColumns: readonly string[]
  readonly rows = new Map<string, Row>()
  readonly #empty: Row

  /** `empty` names every column, with its value before the first event. */
  constructor(table: string, keyColumns: readonly string[], empty: Row) {
    this.table = table
    this.keyColumns = keyColumns
    this.#empty = empty
  }

  /** Changes the row of a key; the columns that `change` gives replace those of the row. */
  put(key: readonly unknown[], change: (row: Row) => Row): void {
    const text = JSON.stringify(key)
    const columns = Object.fromEntries(this.keyColumns.map((column, index) => [column, key[index]]))
    const row = this.rows.get(text) ?? { ...this.#empty, ...columns }
    this.rows.set(text, { ...row, ...change(row) })
  }

  remove(key: readonly unknown[]): void {
    this.rows.delete(JSON.stringify(key))
  }
}
