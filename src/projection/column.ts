// One column of a model: how its values are checked, written into the JSON of a commit, and read from the JSON of a load.
import type { ModelField } from '../database/model.ts'

export interface Column {
  readonly name: string
  /** The column's name, quoted. */
  readonly sql: string
  readonly field: ModelField
  /** What is wrong with a value, or null. */
  readonly problem: (value: unknown) => string | null
  /** The value as JSON text; it was checked. */
  readonly write: (value: unknown) => string
  /** What a load selects of the table `t`: bigints and decimals as text, which JSON numbers would cut. */
  readonly select: string
  readonly read: (json: unknown) => unknown
}

/** How one scalar is handled; lists are made of it. */
interface Scalar {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
  readonly write: (value: unknown) => string
  readonly read: (json: unknown) => unknown
  readonly asText?: boolean
}

const asIs = (json: unknown): unknown => json
const text: Scalar = {
  expected: 'string',
  fits: (value) => typeof value === 'string',
  write: JSON.stringify,
  read: asIs,
}

const scalars: Readonly<Record<Exclude<ModelField['type'], 'Enum' | 'DateTime'>, Scalar>> = {
  String: text,
  Boolean: { expected: 'boolean', fits: (value) => typeof value === 'boolean', write: String, read: asIs },
  Int: {
    expected: '32-bit integer',
    fits: (value) => typeof value === 'number' && (value | 0) === value,
    write: String,
    read: asIs,
  },
  BigInt: {
    expected: '64-bit bigint',
    fits: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
    write: String,
    read: (json) => BigInt(json as string),
    asText: true,
  },
  Float: {
    expected: 'number',
    fits: (value) => typeof value === 'number',
    // JSON has no NaN and no infinity, and would drop the sign of zero; Postgres reads them from text.
    write: (value) =>
      Number.isFinite(value) && !Object.is(value, -0)
        ? String(value)
        : `"${Object.is(value, -0) ? '-0' : String(value)}"`,
    read: Number,
    asText: true,
  },
  Decimal: {
    expected: 'decimal number as a string',
    fits: (value) => typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/.test(value),
    write: JSON.stringify,
    read: asIs,
    asText: true,
  },
  Json: { expected: 'JSON value', fits: isJson, write: JSON.stringify, read: asIs },
  Bytes: {
    expected: 'Uint8Array',
    fits: (value) => value instanceof Uint8Array,
    write: (value) => `"\\\\x${Buffer.from(value as Uint8Array).toString('hex')}"`,
    read: (json) => new Uint8Array(Buffer.from((json as string).slice(2), 'hex')),
  },
}

/** Makes the column of a field. */
export function makeColumn(field: ModelField): Column {
  const scalar = scalarOf(field)
  const sql = `"${field.column.replaceAll('"', '""')}"`
  const cast = scalar.asText === true ? (field.isList ? '::text[]' : '::text') : ''
  const base = { name: field.name, sql, field, select: `t.${sql}${cast}` }
  const expected = field.isList
    ? `array of ${scalar.expected}`
    : `${scalar.expected}${field.isRequired ? '' : ' or null'}`
  const wrong = (value: unknown): string => `expected ${expected}, received ${describe(value)}`
  if (field.isList) {
    return {
      ...base,
      problem: (value) => (Array.isArray(value) && value.every(scalar.fits) ? null : wrong(value)),
      write: (value) => `[${(value as unknown[]).map(scalar.write).join(',')}]`,
      read: (json) => (json === null ? [] : (json as unknown[]).map(scalar.read)),
    }
  }
  const { fits, write, read } = scalar
  return {
    ...base,
    problem: (value) => ((value === null ? !field.isRequired : fits(value)) ? null : wrong(value)),
    write: (value) => (value === null ? 'null' : write(value)),
    read: (json) => (json === null ? null : read(json)),
  }
}

function scalarOf(field: ModelField): Scalar {
  if (field.type === 'DateTime') return dateTime(field.sqlType)
  if (field.type !== 'Enum') return scalars[field.type]
  const stored = new Map(field.enumValues.map((value) => [value.name, JSON.stringify(value.stored)]))
  const names = new Map(field.enumValues.map((value) => [value.stored, value.name]))
  return {
    expected: [...stored.keys()].map((name) => `'${name}'`).join(' | '),
    fits: (value) => stored.has(value as string),
    write: (value) => stored.get(value as string) ?? 'null',
    read: (json) => names.get(json as string) ?? json,
  }
}

/** Postgres keeps dates without a zone in UTC, as Prisma does. */
function dateTime(sqlType: string): Scalar {
  const isTime = /^time(?!stamp)/.test(sqlType)
  return {
    expected: 'Date of the years 1 to 9999',
    fits: (value) =>
      value instanceof Date && value.getTime() >= -62_135_596_800_000 && value.getTime() < 253_402_300_800_000,
    write: (value) => {
      const iso = (value as Date).toISOString()
      return isTime ? `"${iso.slice(11)}"` : `"${iso}"`
    },
    read: (json) => {
      const stored = isTime ? `1970-01-01T${json as string}` : (json as string)
      return new Date(
        /(?:[+-]\d\d(?::?\d\d)?|Z)$/.test(stored.slice(10)) || stored.length === 10 ? stored : `${stored}Z`,
      )
    },
  }
}

/** A plain null in a Json field is the database's null, so it is left to the field. */
function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      if (value === null) return true
      if (Array.isArray(value)) return value.every(isJson)
      return isPlain(value) && Object.values(value).every(isJson)
    default:
      return false
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? 'an array' : value instanceof Date ? 'a Date out of range' : 'an object'
    case 'function':
    case 'symbol':
      return `a ${typeof value}`
    default:
      return `${typeof value} ${JSON.stringify(String(value)).slice(0, 60)}`
  }
}
