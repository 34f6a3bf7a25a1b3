// Reads what a list query asks for from its query string. Everything wrong is collected, so that one answer names it all.
import type { Model, ModelField } from '../database/model.ts'
import type { FieldProblem } from '../errors/field-problem.ts'
import { isSortable, type Operator, operatorsOf, parameterOf } from './field-kind.ts'
import { queryProblem } from './query-problem.ts'

/** One condition; all conditions of a query hold. */
export interface Filter {
  readonly field: ModelField
  readonly operator: Operator
  /** Parameters of the statement: several for `in`, `true` or `false` for `null`. */
  readonly values: readonly string[]
}

/** One level of the order. */
export interface SortLevel {
  readonly field: ModelField
  readonly descending: boolean
}

/** What a list query asks for. */
export interface ModelQuery {
  readonly filters: readonly Filter[]
  /** Ends with the key's fields, so that no two rows have the same place. */
  readonly sort: readonly SortLevel[]
  readonly limit: number
  readonly cursor: string | null
  /** The fields of the answer, in the model's order. */
  readonly fields: readonly ModelField[]
}

/** Parameters that are no fields. */
const reservedParameters = ['sort', 'limit', 'cursor', 'fields', 'after', 'wait'] as const
export const largestLimit = 500
export const defaultLimit = 50
const mostFilters = 50
const mostSortLevels = 8
const mostValues = 500
const operators = new Set<string>(['eq', 'gt', 'gte', 'lt', 'lte', 'in', 'like', 'null'] satisfies Operator[])

/**
 * Reads a list query.
 * @throws MillraceError `MILLRACE_QUERY_INVALID` naming every wrong parameter
 */
export function readModelQuery(model: Model, parameters: URLSearchParams): ModelQuery {
  const problems: FieldProblem[] = []
  const byName = new Map(model.fields.map((field) => [field.name, field]))
  const query = {
    filters: readFilters(byName, parameters, problems),
    sort: readSort(model, byName, parameters, problems),
    limit: readLimit(parameters, problems),
    cursor: single(parameters, 'cursor', problems),
    fields: readFields(model, byName, parameters, problems),
  }
  if (problems.length > 0) throw queryProblem(problems)
  return query
}

/** Reads the parameters of a query for one row: only `fields` besides `after` and `wait`. */
export function readRowQuery(model: Model, parameters: URLSearchParams): readonly ModelField[] {
  const problems: FieldProblem[] = []
  const byName = new Map(model.fields.map((field) => [field.name, field]))
  for (const name of new Set(parameters.keys())) {
    if (name !== 'fields' && name !== 'after' && name !== 'wait')
      problems.push({ field: shown(name), detail: 'is no parameter here; there are fields, after, wait' })
  }
  const fields = readFields(model, byName, parameters, problems)
  if (problems.length > 0) throw queryProblem(problems)
  return fields
}

/** The one value of a parameter, or null. */
export function single(parameters: URLSearchParams, name: string, problems: FieldProblem[]): string | null {
  const values = parameters.getAll(name)
  if (values.length > 1) problems.push({ field: name, detail: 'is given more than once' })
  return values[0] ?? null
}

function readFilters(
  byName: ReadonlyMap<string, ModelField>,
  parameters: URLSearchParams,
  problems: FieldProblem[],
): readonly Filter[] {
  const filters: Filter[] = []
  for (const parameter of new Set(parameters.keys())) {
    if ((reservedParameters as readonly string[]).includes(parameter)) continue
    const match = /^([^[\]]+)(?:\[([^[\]]*)\])?$/.exec(parameter)
    const field = byName.get(match?.[1] ?? '')
    const operator = match?.[2] ?? 'eq'
    const refuse = (detail: string): void => void problems.push({ field: shown(parameter), detail })
    if (field === undefined) {
      refuse(`there is no such field; there are ${[...byName.keys()].join(', ')}`)
      continue
    }
    const allowed = operatorsOf(field)
    if (!operators.has(operator) || !allowed.includes(operator as Operator)) {
      refuse(
        allowed.length === 0
          ? 'it cannot be filtered'
          : `there is no operator '${shown(operator)}' here; there are ${allowed.join(', ')}`,
      )
      continue
    }
    const values = readValues(field, operator as Operator, parameters.getAll(parameter), refuse)
    if (values !== null) filters.push({ field, operator: operator as Operator, values })
  }
  if (filters.length > mostFilters) problems.push({ field: 'query', detail: `has more than ${mostFilters} conditions` })
  return filters
}

function readValues(
  field: ModelField,
  operator: Operator,
  given: readonly string[],
  refuse: (detail: string) => void,
): readonly string[] | null {
  if (operator !== 'in' && given.length > 1) {
    refuse('is given more than once')
    return null
  }
  if (operator === 'null')
    return given[0] === 'true' || given[0] === 'false' ? [given[0]] : refused(refuse, 'true or false', given[0])
  // One `in` is a list separated by commas; an `in` given several times has one value each, which may hold commas.
  const texts = operator === 'in' && given.length === 1 ? (given[0] ?? '').split(',') : given
  if (texts.length > mostValues) {
    refuse(`names more than ${mostValues} values`)
    return null
  }
  const values: string[] = []
  for (const text of texts) {
    if (operator === 'like') {
      if (text.length > 200 || text.includes('\0') || /(^|[^\\])(\\\\)*\\$/.test(text))
        return refused(
          refuse,
          'a pattern of at most 200 characters with % and _, in which \\ escapes the next character',
          text,
        )
      values.push(text)
      continue
    }
    const value = parameterOf(field, text)
    if ('expected' in value) return refused(refuse, value.expected, text)
    values.push(value.text)
  }
  return values
}

function refused(refuse: (detail: string) => void, expected: string, received: string | undefined): null {
  refuse(`expected ${expected}, received '${shown(received ?? '')}'`)
  return null
}

function readSort(
  model: Model,
  byName: ReadonlyMap<string, ModelField>,
  parameters: URLSearchParams,
  problems: FieldProblem[],
): readonly SortLevel[] {
  const levels: SortLevel[] = []
  const text = single(parameters, 'sort', problems)
  const names = new Set<string>()
  for (const part of text === null || text === '' ? [] : text.split(',')) {
    const name = part.replace(/^-/, '')
    const field = byName.get(name)
    if (field === undefined) problems.push({ field: 'sort', detail: `there is no field '${shown(name)}'` })
    else if (!isSortable(field)) problems.push({ field: 'sort', detail: `${name} has no order` })
    else if (names.has(name)) problems.push({ field: 'sort', detail: `${name} is named twice` })
    else levels.push({ field, descending: part.startsWith('-') })
    names.add(name)
  }
  if (levels.length > mostSortLevels)
    problems.push({ field: 'sort', detail: `names more than ${mostSortLevels} fields` })
  const rest = model.key.filter((name) => !names.has(name))
  return [...levels, ...rest.map((name) => ({ field: byName.get(name) as ModelField, descending: false }))]
}

function readLimit(parameters: URLSearchParams, problems: FieldProblem[]): number {
  const text = single(parameters, 'limit', problems)
  if (text === null) return defaultLimit
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > largestLimit)
    problems.push({
      field: 'limit',
      detail: `expected a whole number from 1 to ${largestLimit}, received '${shown(text)}'`,
    })
  return limit
}

function readFields(
  model: Model,
  byName: ReadonlyMap<string, ModelField>,
  parameters: URLSearchParams,
  problems: FieldProblem[],
): readonly ModelField[] {
  const text = single(parameters, 'fields', problems)
  if (text === null || text === '') return model.fields
  const names = new Set(text.split(','))
  for (const name of names)
    if (!byName.has(name)) problems.push({ field: 'fields', detail: `there is no field '${shown(name)}'` })
  return model.fields.filter(({ name }) => names.has(name))
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
