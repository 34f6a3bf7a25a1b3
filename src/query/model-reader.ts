// Reads pages and rows of a model together with the position that they reflect.
import type { Database } from '../database/database.ts'
import type { Model, ModelField } from '../database/model.ts'
import type { FieldProblem } from '../errors/field-problem.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { PositionTokens } from '../topic/position-token.ts'
import type { SignedText } from '../topic/signed-text.ts'
import { type AnswerPosition, answerPosition, type CheckpointEntry } from './answer-position.ts'
import { parameterOf } from './field-kind.ts'
import { type ListParts, listStatement, type Place, placeColumn } from './list-statement.ts'
import type { Filter, ModelQuery } from './model-query.ts'
import type { ModelSource } from './model-sources.ts'
import { queryProblem } from './query-problem.ts'

/** A row in JSON's terms. */
export type JsonRow = Readonly<Record<string, unknown>>

/** A page of rows. */
export interface Page {
  readonly items: readonly JsonRow[]
  /** The cursor of the next page, null on the last one. */
  readonly next: string | null
  readonly position: AnswerPosition
}

/** Reads one model. */
export interface ModelReader {
  /** @throws MillraceError `MILLRACE_CURSOR_INVALID` for a cursor of another query */
  page(query: ModelQuery): Promise<Page>
  /** @param keyTexts the values of the key's fields in the model's order @throws MillraceError `MILLRACE_QUERY_INVALID` */
  row(
    keyTexts: readonly string[],
    fields: readonly ModelField[],
  ): Promise<{ row: JsonRow | null; position: AnswerPosition }>
}

export interface ModelReaderOptions {
  readonly database: Pick<Database, 'query'>
  readonly tokens: PositionTokens
  readonly cursors: SignedText
}

/** Makes the reader of a model. */
export function modelReader(model: Model, sources: readonly ModelSource[], options: ModelReaderOptions): ModelReader {
  const { database, tokens, cursors } = options
  const consumers = sources.map(({ consumer }) => consumer)

  async function read(
    parts: Omit<ListParts, 'model' | 'consumers'>,
  ): Promise<{ rows: JsonRow[]; position: AnswerPosition }> {
    const { sql, values } = listStatement({ ...parts, model, consumers })
    const [answer] = await database.query<{ checkpoints: string; items: string }>(sql, ...values)
    const checkpoints = JSON.parse(answer?.checkpoints ?? '[]') as CheckpointEntry[]
    return {
      rows: JSON.parse(answer?.items ?? '[]') as JsonRow[],
      position: answerPosition(checkpoints, sources, tokens),
    }
  }

  return {
    async page(query) {
      const bound = boundTo(model, query)
      const after = query.cursor === null ? null : openCursor(query.cursor, bound, query.sort.length, cursors)
      // One row more than asked for tells whether there is a next page.
      const { rows, position } = await read({ ...query, after, limit: query.limit + 1 })
      const page = rows.slice(0, query.limit)
      const last = page.at(-1)
      const next =
        rows.length > query.limit && last !== undefined ? cursors.sign(JSON.stringify(last[placeColumn]), bound) : null
      return { items: page.map(withoutPlace), next, position }
    },
    async row(keyTexts, fields) {
      const filters = keyFilters(model, keyTexts)
      const sort = filters.map(({ field }) => ({ field, descending: false }))
      const { rows, position } = await read({ fields, filters, sort, after: null, limit: 1 })
      return { row: rows[0] === undefined ? null : withoutPlace(rows[0]), position }
    },
  }
}

function keyFilters(model: Model, keyTexts: readonly string[]): Filter[] {
  const problems: FieldProblem[] = []
  const filters = model.key.map((name, index): Filter => {
    const field = model.fields.find((field) => field.name === name) as ModelField
    const value = parameterOf(field, keyTexts[index] ?? '')
    if ('expected' in value) problems.push({ field: name, detail: `expected ${value.expected}` })
    return { field, operator: 'eq', values: 'text' in value ? [value.text] : [] }
  })
  if (problems.length > 0) throw queryProblem(problems)
  return filters
}

/** A cursor goes on with the query that it came from: same model, conditions and order. The page's size and fields may change. */
function boundTo(model: Model, { filters, sort }: ModelQuery): string {
  return JSON.stringify([
    model.name,
    filters.map(({ field, operator, values }) => JSON.stringify([field.name, operator, values])).sort(),
    sort.map(({ field, descending }) => [field.name, descending]),
  ])
}

function openCursor(cursor: string, bound: string, levels: number, cursors: SignedText): Place {
  const payload = cursors.open(cursor, bound)
  const place = payload === null ? null : (JSON.parse(payload) as Place)
  if (place === null || place.length !== levels) {
    throw new MillraceError(
      'MILLRACE_CURSOR_INVALID',
      'The cursor is not of this query. Send it as it was given, with the same filters and the same sort.',
      {
        context: {
          problems: [{ field: 'cursor', detail: 'expected the cursor of the page before, of the same query' }],
        },
      },
    )
  }
  return place
}

function withoutPlace(row: JsonRow): JsonRow {
  const { [placeColumn]: _place, ...fields } = row
  return fields
}
