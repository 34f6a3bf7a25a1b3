// A table of Postgres by schema and name.
import type { Models } from '../database/model.ts'
import type { Projection } from '../definition/define-projection.ts'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** The name in SQL. */
export function sqlName({ schema, table }: TableName): string {
  return `${quote(schema)}.${quote(table)}`
}

/** The tables of a projection, in the order in which its commits lock them. */
export function tablesOf(projection: Projection, models: Models): readonly TableName[] {
  return Object.keys(projection.tables).flatMap((name) => {
    const model = models.get(name)
    return model === undefined ? [] : [{ schema: model.schema, table: model.table }]
  })
}

/** A single name in SQL. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
