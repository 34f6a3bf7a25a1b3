// One table of a projection made ready: the statement that loads the rows of a batch, the part of the commit that writes and
// deletes them, and the conversions in between. The row type comes from the table itself (json_populate_recordset), so that the
// same plan serves a shadow table of another schema.
import type { Contribution } from '../checkpoint/commit-statement.ts'
import type { Model } from '../database/model.ts'
import type { AnyTable } from '../definition/table.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { makeColumn, type Column } from './column.ts'

/** A row as a fold sees it. */
export type Row = Readonly<Record<string, unknown>>

/** A row's key: its identity as text, and the value of each key field. */
export interface RowKey {
  readonly text: string
  /** Whether the text of a key field equals the record key. */
  readonly values: readonly unknown[]
}

export interface TablePlan {
  readonly model: string
  readonly table: AnyTable
  readonly columns: readonly Column[]
  readonly columnNames: ReadonlySet<string>
  readonly keyColumns: readonly Column[]
  /** What a row is before its first event, without its key. */
  readonly initial: Row
  /** Loads rows: $1 is a JSON array of keys; answers one JSON text, an array of rows, each its place in $1 and its columns. */
  readonly loadSql: string
  /** Upserts from one JSON array of rows, deletes by one JSON array of keys. */
  readonly contribution: Contribution
}

/** Postgres passes at most 100 arguments to a function. */
const MOST_COLUMNS = 98
/** Key types whose values are equal in the database exactly when their text is. */
const KEY_TYPES = /^(text|varchar(\(\d+\))?|uuid|integer|bigint|smallint|boolean|timestamp.*|bytea)$/

/**
 * @param schema where the table lies: the model's own schema, or that of shadow tables
 * @throws MillraceError `MILLRACE_MODEL_UNFIT` for a model that a fold cannot write
 */
export function planTable(model: Model, schema: string, table: AnyTable): TablePlan {
  const columns = model.fields.map(makeColumn)
  const keyColumns = model.key
    .map((name) => columns.find((column) => column.name === name))
    .filter((found) => found !== undefined)
  refuseUnfit(model, columns, keyColumns, table)
  const name = `${quote(schema)}.${quote(model.table)}`
  const record = `NULL::${name}`
  const on = keyColumns.map(({ sql }) => `t.${sql} = k.${sql}`).join(' AND ')
  return {
    model: model.name,
    table,
    columns,
    keyColumns,
    columnNames: new Set(columns.map((column) => column.name)),
    initial: initialRow(columns, keyColumns, table),
    loadSql: `SELECT coalesce(json_agg(json_build_array(k.ordinality - 1, ${columns.map(({ select }) => select).join(', ')})), '[]')::text AS rows
FROM json_populate_recordset(${record}, $1::json) WITH ORDINALITY AS k JOIN ${name} t ON ${on}`,
    contribution: {
      width: 2,
      ctes: (first) => [upsert(name, record, columns, keyColumns, first), remove(name, record, on, first + 1)],
    },
  }
}

function upsert(
  name: string,
  record: string,
  columns: readonly Column[],
  keys: readonly Column[],
  parameter: number,
): string {
  const list = columns.map(({ sql }) => sql).join(', ')
  const others = columns.filter((column) => !keys.includes(column))
  const action =
    others.length === 0 ? 'NOTHING' : `UPDATE SET ${others.map(({ sql }) => `${sql} = excluded.${sql}`).join(', ')}`
  return `rows_${parameter} AS (
  INSERT INTO ${name} (${list})
  SELECT ${list} FROM json_populate_recordset(${record}, $${parameter}::json) WHERE EXISTS (SELECT FROM fence)
  ON CONFLICT (${keys.map(({ sql }) => sql).join(', ')}) DO ${action})`
}

function remove(name: string, record: string, on: string, parameter: number): string {
  return `gone_${parameter} AS (
  DELETE FROM ${name} t USING json_populate_recordset(${record}, $${parameter}::json) k WHERE ${on} AND EXISTS (SELECT FROM fence))`
}

function initialRow(columns: readonly Column[], keys: readonly Column[], table: AnyTable): Row {
  const initial: Record<string, unknown> = {}
  for (const column of columns) {
    if (keys.includes(column)) continue
    initial[column.name] = table.initial[column.name] ?? (column.field.isList ? [] : null)
  }
  return initial
}

function refuseUnfit(model: Model, columns: readonly Column[], keys: readonly Column[], table: AnyTable): void {
  const problems: string[] = []
  if (keys.length === 0) problems.push('it has neither @id nor @@id')
  if (columns.length > MOST_COLUMNS) problems.push(`it has more than ${MOST_COLUMNS} columns`)
  for (const { name, field } of keys) {
    if (field.type !== 'Enum' && !KEY_TYPES.test(field.sqlType))
      problems.push(`${name} is no key that can be compared as text (${field.sqlType})`)
  }
  for (const name of Object.keys(table.initial)) {
    if (!columns.some((column) => column.name === name)) problems.push(`'initial' has ${name}, which is no field of it`)
  }
  const initial = initialRow(columns, keys, table)
  for (const column of columns) {
    const problem = keys.includes(column) ? null : column.problem(initial[column.name])
    // A default of the database may be another one at the next rebuild.
    if (problem !== null) problems.push(`'initial' needs ${column.name}: ${problem}`)
  }
  if (problems.length === 0) return
  throw new MillraceError(
    'MILLRACE_MODEL_UNFIT',
    `Model ${model.name} cannot be written by a fold: ${problems.join('; ')}.`,
    {
      context: { model: model.name },
    },
  )
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
