// How a field of each type is read from a query string, compared in SQL and written as JSON. Values reach SQL as parameters
// only, as text that is cast on the server; names come from the models' description, never from a request.
import type { ModelField } from '../database/model.ts'

/** What can be asked of a field. */
export type Operator = 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'like' | 'null'

/** A value as the parameter of a statement, or what was expected instead. */
export type ParameterValue = { readonly text: string } | { readonly expected: string }

const integerBounds: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n,
  integer: 2n ** 31n,
  int: 2n ** 31n,
  oid: 2n ** 32n,
}
const texts = new Set(['text', 'varchar', 'char', 'character varying', 'bpchar', 'citext'])
const longestText = 4000

/** The name of an SQL type without its length or precision: a cast to the full type would cut or round what was asked for. */
function baseType({ sqlType }: ModelField): string {
  return sqlType
    .replace(/\(.*\)/, '')
    .trim()
    .toLowerCase()
}

/** Quotes a name for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** What can be asked of this field; nothing of lists and JSON. */
export function operatorsOf(field: ModelField): readonly Operator[] {
  const whenNull: readonly Operator[] = field.isRequired ? [] : ['null']
  if (field.isList || field.type === 'Json') return whenNull
  if (field.type === 'Enum' || field.type === 'Boolean') return ['eq', 'in', ...whenNull]
  if (field.type === 'Bytes') return ['eq', 'in', 'gt', 'gte', 'lt', 'lte', ...whenNull]
  const compared: readonly Operator[] = ['eq', 'in', 'gt', 'gte', 'lt', 'lte', ...whenNull]
  return field.type === 'String' ? [...compared, 'like'] : compared
}

/** Whether rows can be put in order by this field. */
export function isSortable(field: ModelField): boolean {
  return !field.isList && field.type !== 'Json'
}

/** Reads a value from a query string. */
export function parameterOf(field: ModelField, value: string): ParameterValue {
  switch (field.type) {
    case 'Int':
    case 'BigInt': {
      const bound = integerBounds[baseType(field)] ?? 2n ** 63n
      const whole = /^-?\d{1,19}$/.test(value) ? BigInt(value) : null
      if (whole === null || whole >= bound || whole < -bound)
        return { expected: `a whole number from -${bound} to ${bound - 1n}` }
      return { text: whole.toString() }
    }
    case 'Float':
      return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(value) &&
        Number.isFinite(Number(value)) &&
        value.length <= 100
        ? { text: value }
        : { expected: 'a number' }
    case 'Decimal':
      return /^-?\d{1,200}(\.\d{1,200})?$/.test(value)
        ? { text: value }
        : { expected: 'a decimal number such as 12.50' }
    case 'Boolean':
      return value === 'true' || value === 'false' ? { text: value } : { expected: 'true or false' }
    case 'DateTime':
      return instantOf(field, value)
    case 'Enum': {
      const found = field.enumValues.find(({ name }) => name === value)
      return found === undefined
        ? { expected: `one of ${field.enumValues.map(({ name }) => name).join(', ')}` }
        : { text: found.stored }
    }
    case 'Bytes':
      return /^[\w+/-]*={0,2}$/.test(value)
        ? { text: Buffer.from(value, 'base64').toString('hex') }
        : { expected: 'bytes in base64' }
    case 'String':
      if (baseType(field) === 'uuid' && !/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value))
        return { expected: 'a UUID' }
      return value.includes('\0') || value.length > longestText
        ? { expected: `a text of at most ${longestText} characters without NUL` }
        : { text: value }
    default:
      return { expected: 'nothing: it cannot be filtered' }
  }
}

const day = /^\d{4}-\d{2}-\d{2}$/
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/

function instantOf(field: ModelField, value: string): ParameterValue {
  if (baseType(field).startsWith('time') && !baseType(field).startsWith('timestamp'))
    return /^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$/.test(value) ? { text: value } : { expected: 'a time such as 12:30:00' }
  const date = day.test(value) || instant.test(value) ? new Date(value) : new Date(Number.NaN)
  const year = date.getUTCFullYear()
  if (Number.isNaN(date.getTime()) || year < 1 || year > 9999 || !isDay(value.slice(0, 10)))
    return { expected: 'a time with its zone such as 2026-01-31T12:00:00Z, or a day' }
  // Columns without a zone hold UTC, so the same text is right for both kinds.
  return { text: date.toISOString() }
}

/** JavaScript takes the 31st of February for the 3rd of March. */
function isDay(text: string): boolean {
  const midnight = new Date(text)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text)
}

/** SQL that compares a column with parameter $n, by an operator of SQL. */
export function comparison(field: ModelField, operator: '=' | '>' | '>=' | '<' | '<=', n: number): string {
  return `${compared(field)} ${operator} ${cast(field, n)}`
}

/** The column as it is compared: types whose text could be wrong in ways of their own are compared as text. */
function compared(field: ModelField): string {
  const column = `t.${quoted(field.column)}`
  if (field.type === 'String' && !texts.has(baseType(field)) && baseType(field) !== 'uuid') return `${column}::text`
  if (field.type === 'DateTime' && baseType(field).startsWith('time') && !baseType(field).startsWith('timestamp'))
    return `${column}::text`
  return column
}

function cast(field: ModelField, n: number): string {
  const text = `$${n}::text`
  switch (field.type) {
    case 'Int':
    case 'BigInt':
      return `${text}::bigint`
    case 'Float':
      return `${text}::${baseType(field) === 'real' ? 'real' : 'double precision'}`
    case 'Decimal':
      return baseType(field) === 'money' ? `${text}::numeric::money` : `${text}::numeric`
    case 'Boolean':
      return `${text}::boolean`
    case 'Enum':
      return `${text}::${field.sqlType}`
    case 'Bytes':
      return `decode(${text}, 'hex')`
    case 'DateTime': {
      const base = baseType(field)
      return base === 'date' || base.startsWith('timestamp') ? `${text}::${base}` : text
    }
    default:
      return baseType(field) === 'uuid' ? `${text}::uuid` : text
  }
}

/** SQL for the text of a column that `comparison` takes back unchanged: what a cursor keeps. */
export function placeText(field: ModelField): string {
  const column = `t.${quoted(field.column)}`
  return field.type === 'Bytes' ? `encode(${column}, 'hex')` : `${column}::text`
}

/** SQL for a column's value in JSON: exact numbers as text, times in ISO 8601, bytes in base64. */
export function jsonValue(field: ModelField): string {
  const column = `t.${quoted(field.column)}`
  if (!field.isList) return jsonScalar(field, column)
  if (field.type === 'Json') return column
  return `(SELECT coalesce(json_agg(${jsonScalar(field, 'item')} ORDER BY place), '[]'::json) FROM unnest(${column}) WITH ORDINALITY AS items(item, place))`
}

function jsonScalar(field: ModelField, value: string): string {
  const base = baseType(field).replace(/\[\]$/, '')
  switch (field.type) {
    case 'BigInt':
      return `${value}::text`
    case 'Decimal':
      // Prisma's own default has thirty places, which nobody meant.
      return field.sqlType.startsWith('decimal(65,30)') ? `trim_scale(${value})::text` : `${value}::text`
    case 'Bytes':
      return `translate(encode(${value}, 'base64'), E'\\n', '')`
    case 'DateTime':
      if (base === 'timestamp') return `to_char(${value}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
      if (base === 'timestamptz') return `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
      return `${value}::text`
    case 'Enum': {
      const renamed = field.enumValues.filter(({ name, stored }) => name !== stored)
      if (renamed.length === 0) return `${value}::text`
      const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
      const cases = renamed.map(({ name, stored }) => `WHEN ${literal(stored)} THEN ${literal(name)}`)
      return `CASE ${value}::text ${cases.join(' ')} ELSE ${value}::text END`
    }
    case 'String':
      return `${value}::text`
    default:
      return value
  }
}
