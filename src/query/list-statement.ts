// The one statement behind a model query: the rows and how far their consumers are, read from one snapshot because it is one
// statement. Paging is by key set: the next page begins after the last row's place in the order, so rows that come or go in
// between neither repeat nor hide others.
import type { Model, ModelField } from '../database/model.ts'
import { comparison, jsonValue, placeText, quoted } from './field-kind.ts'
import type { Filter, SortLevel } from './model-query.ts'

/** A statement with its parameters. */
export interface Statement {
  readonly sql: string
  readonly values: readonly string[]
}

/** A row's place in the order: the text of each sort level's value, null where the column is. */
export type Place = readonly (string | null)[]

/** What is read. */
export interface ListParts {
  readonly model: Model
  readonly fields: readonly ModelField[]
  readonly filters: readonly Filter[]
  readonly sort: readonly SortLevel[]
  /** Rows after this place only. */
  readonly after: Place | null
  readonly limit: number
  /** The consumers whose checkpoints are read along. */
  readonly consumers: readonly string[]
}

/** The name under which a row carries its place: no field of Prisma begins with a space. */
export const placeColumn = ' place'

/**
 * Makes the statement. Its row has `checkpoints`, JSON of `[topic, partition, next offset]`, and `items`, JSON of rows in order.
 */
export function listStatement(parts: ListParts): Statement {
  const values: string[] = []
  const bind = (value: string): number => values.push(value)
  const { model, sort } = parts
  const consumers = bind(JSON.stringify(parts.consumers))
  const conditions = parts.filters.map((filter) => condition(filter, bind))
  if (parts.after !== null) conditions.push(afterPlace(sort, parts.after, bind))
  const columns = [
    ...parts.fields.map((field) => `${jsonValue(field)} AS ${quoted(field.name)}`),
    `json_build_array(${sort.map(({ field }) => placeText(field)).join(', ')}) AS ${quoted(placeColumn)}`,
  ]
  const order = sort
    .map(({ field, descending }) => `t.${quoted(field.column)} ${descending ? 'DESC' : 'ASC'}`)
    .join(', ')
  const sql = `
SELECT
  (SELECT coalesce(json_agg(json_build_array(c.topic, c.partition, c.next_offset::text)), '[]'::json)::text
   FROM millrace.checkpoint c
   WHERE c.consumer IN (SELECT millrace.live_consumer(json_array_elements_text($${consumers}::text::json)))) AS checkpoints,
  (SELECT coalesce(json_agg(row_to_json(page)), '[]'::json)::text FROM (
    SELECT ${columns.join(', ')}
    FROM ${quoted(model.schema)}.${quoted(model.table)} t
    ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
    ORDER BY ${order}
    LIMIT $${bind(String(parts.limit))}::text::int
  ) page) AS items`
  return { sql, values }
}

function condition({ field, operator, values }: Filter, bind: (value: string) => number): string {
  const [first = ''] = values
  switch (operator) {
    case 'eq':
      return comparison(field, '=', bind(first))
    case 'gt':
      return comparison(field, '>', bind(first))
    case 'gte':
      return comparison(field, '>=', bind(first))
    case 'lt':
      return comparison(field, '<', bind(first))
    case 'lte':
      return comparison(field, '<=', bind(first))
    case 'in':
      return `(${values.map((value) => comparison(field, '=', bind(value))).join(' OR ')})`
    case 'like':
      return `t.${quoted(field.column)}::text LIKE $${bind(first)}::text`
    default:
      return `t.${quoted(field.column)} IS ${first === 'true' ? '' : 'NOT '}NULL`
  }
}

/**
 * Rows behind a place. Postgres puts null last when ascending and first when descending, and so do these conditions: behind a
 * null there is nothing when ascending, and everything that is not null when descending.
 */
function afterPlace(sort: readonly SortLevel[], place: Place, bind: (value: string) => number): string {
  const parameters = place.map((value) => (value === null ? null : bind(value)))
  const equal = (index: number): string => {
    const { field } = sort[index] as SortLevel
    const n = parameters[index] ?? null
    return n === null ? `t.${quoted(field.column)} IS NULL` : comparison(field, '=', n)
  }
  const behind = (index: number): string => {
    const { field, descending } = sort[index] as SortLevel
    const column = `t.${quoted(field.column)}`
    const n = parameters[index] ?? null
    if (n === null) return descending ? `${column} IS NOT NULL` : 'false'
    if (descending) return comparison(field, '<', n)
    return field.isRequired ? comparison(field, '>', n) : `(${comparison(field, '>', n)} OR ${column} IS NULL)`
  }
  const ways = sort.map((_, index) => {
    const before = Array.from({ length: index }, (_unused, earlier) => equal(earlier))
    return [...before, behind(index)].join(' AND ')
  })
  // The first level alone, said once more, is what an index can begin with.
  const { field, descending } = sort[0] as SortLevel
  const n = parameters[0] ?? null
  const begin = n !== null && field.isRequired ? `${comparison(field, descending ? '<=' : '>=', n)} AND ` : ''
  return `(${begin}(${ways.map((way) => `(${way})`).join(' OR ')}))`
}
