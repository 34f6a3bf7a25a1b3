// Says why a default value does not fit its schema, as Avro encodes defaults in JSON: bytes and fixed are strings of code
// points up to 255, a union's default may be of any branch. A default of a long beyond 2^53 is refused: JSON.parse has lost
// its digits, and storing others silently would change the schema.
import type { AvroSchema, FixedSchema, Json, JsonObject, RecordSchema } from './avro-schema.ts'

const MAX_DEPTH = 300
const BEYOND_A_BYTE = /[\u0100-\uffff]/

/** The reason why `value` is no valid default of `schema`, or undefined when it is one. */
export function validateDefault(schema: AvroSchema, value: Json): string | undefined {
  return reasonAt(schema, value, MAX_DEPTH)
}

// A record that is its own default through a field's default never ends: the depth says so instead of the stack.
function reasonAt(schema: AvroSchema, value: Json, depth: number): string | undefined {
  if (depth === 0) return 'the default never ends: it holds itself through the default of one of its fields'
  switch (schema.type) {
    case 'null':
      return value === null ? undefined : expected('null', value)
    case 'boolean':
      return typeof value === 'boolean' ? undefined : expected('true or false', value)
    case 'int':
      return isWhole(value, 2 ** 31) ? undefined : expected('a whole number of 32 bits', value)
    case 'long':
      return isWhole(value, 2 ** 53) ? undefined : expected('a whole number below 2^53 in size', value)
    case 'float':
    case 'double':
      return typeof value === 'number' ? undefined : expected('a number', value)
    case 'string':
      return typeof value === 'string' ? undefined : expected('a string', value)
    case 'bytes':
      return isByteString(value) ? undefined : expected('a string of characters up to \\u00FF', value)
    case 'fixed':
      return fixedDefault(schema, value)
    case 'enum':
      return typeof value === 'string' && schema.symbols.includes(value)
        ? undefined
        : expected(`one of ${schema.symbols.join(', ')}`, value)
    case 'array':
      return Array.isArray(value)
        ? first(value as readonly Json[], (item) => reasonAt(schema.items, item, depth - 1))
        : expected('an array', value)
    case 'map':
      return isObject(value)
        ? first(Object.values(value), (item) => reasonAt(schema.values, item, depth - 1))
        : expected('an object', value)
    case 'union':
      return schema.branches.some((branch) => reasonAt(branch, value, depth - 1) === undefined)
        ? undefined
        : expected('a value of one of the branches of the union', value)
    case 'record':
      return recordDefault(schema, value, depth)
    default:
      return undefined
  }
}

function recordDefault(schema: RecordSchema, value: Json, depth: number): string | undefined {
  if (!isObject(value)) return expected('an object', value)
  return first(schema.fields, (field) => {
    const given = Object.hasOwn(value, field.name) ? value[field.name] : field.default
    if (given === undefined) return `field "${field.name}" of ${schema.name} is missing and has no default`
    const reason = reasonAt(field.schema, given, depth - 1)
    return reason === undefined ? undefined : `field "${field.name}": ${reason}`
  })
}

function fixedDefault(schema: FixedSchema, value: Json): string | undefined {
  return isByteString(value) && value.length === schema.size
    ? undefined
    : expected(`a string of ${schema.size} characters up to \\u00FF`, value)
}

function isWhole(value: Json, bound: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= -bound && value < bound
}

function isByteString(value: Json): value is string {
  return typeof value === 'string' && !BEYOND_A_BYTE.test(value)
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function first<T>(values: readonly T[], reasonOf: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const reason = reasonOf(value)
    if (reason !== undefined) return reason
  }
  return undefined
}

function expected(what: string, found: Json): string {
  const text = JSON.stringify(found)
  return `expected ${what}, found ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`
}
