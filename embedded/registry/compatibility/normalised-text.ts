// The text of a schema when a client asks for normalisation: full names everywhere, one order of keys, properties sorted, so
// that two schemas that mean the same and are written differently get the same id. Doc, defaults and aliases are kept.
import type { AvroSchema, Json, JsonObject, NamedSchema } from './avro-schema.ts'

/** @param external names of types that are defined in referenced schemas, and so are printed by name only */
export function normalisedText(schema: AvroSchema, external: Iterable<string> = []): string {
  return JSON.stringify(toJson(schema, new Set(external)))
}

function toJson(schema: AvroSchema, known: Set<string>): Json {
  switch (schema.type) {
    case 'union':
      return schema.branches.map((branch) => toJson(branch, known))
    case 'array':
      return { type: 'array', items: toJson(schema.items, known), ...sorted(schema.props) }
    case 'map':
      return { type: 'map', values: toJson(schema.values, known), ...sorted(schema.props) }
    case 'record':
    case 'enum':
    case 'fixed':
      return namedToJson(schema, known)
    default:
      return Object.keys(schema.props).length === 0 ? schema.type : { type: schema.type, ...sorted(schema.props) }
  }
}

function namedToJson(schema: NamedSchema, known: Set<string>): Json {
  if (known.has(schema.name)) return schema.name
  known.add(schema.name)
  return {
    name: schema.name,
    type: schema.type === 'record' && schema.isError ? 'error' : schema.type,
    ...bodyOf(schema, known),
    ...(schema.doc !== undefined && { doc: schema.doc }),
    ...(schema.aliases.length > 0 && { aliases: [...schema.aliases].sort() }),
    ...sorted(schema.props),
  }
}

function bodyOf(schema: NamedSchema, known: Set<string>): JsonObject {
  if (schema.type === 'fixed') return { size: schema.size }
  if (schema.type === 'enum') {
    return { symbols: schema.symbols, ...(schema.default !== undefined && { default: schema.default }) }
  }
  const fields = schema.fields.map((field) => ({
    name: field.name,
    type: toJson(field.schema, known),
    ...(field.doc !== undefined && { doc: field.doc }),
    ...(field.default !== undefined && { default: field.default }),
    ...(field.order !== undefined && { order: field.order }),
    ...(field.aliases.length > 0 && { aliases: [...field.aliases].sort() }),
    ...sorted(field.props),
  }))
  return { fields }
}

function sorted(props: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(props)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, sortedValue(value)]),
  )
}

function sortedValue(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? (value as readonly Json[]).map(sortedValue) : sorted(value as JsonObject)
}
