// The text under which a schema is stored and told apart from others: parse and reprint. White space, key order and the way
// names are written no longer matter; doc, defaults, aliases, field order and custom properties do. This is not Avro's
// Parsing Canonical Form, which drops all of those.
import type { AvroField, AvroSchema, Json, NamedSchema } from './avro-schema.ts'
import { schemaName } from './schema-name.ts'

/** @param external names of types that are defined in referenced schemas, and so are printed by name only */
export function canonicalText(schema: AvroSchema, external: Iterable<string> = []): string {
  return JSON.stringify(toJson(schema, '', new Set(external)))
}

function toJson(schema: AvroSchema, namespace: string, known: Set<string>): Json {
  switch (schema.type) {
    case 'union':
      return schema.branches.map((branch) => toJson(branch, namespace, known))
    case 'array':
      return { type: 'array', items: toJson(schema.items, namespace, known), ...schema.props }
    case 'map':
      return { type: 'map', values: toJson(schema.values, namespace, known), ...schema.props }
    case 'record':
    case 'enum':
    case 'fixed':
      return namedToJson(schema, namespace, known)
    default:
      return Object.keys(schema.props).length === 0 ? schema.type : { type: schema.type, ...schema.props }
  }
}

function namedToJson(schema: NamedSchema, enclosing: string, known: Set<string>): Json {
  const namespace = schemaName.namespace(schema.name)
  // A type without a namespace inside one that has one is written by its bare name: that is how references are looked up.
  if (known.has(schema.name)) return schemaName.within(schema.name, enclosing)
  known.add(schema.name)
  return {
    type: schema.type === 'record' && schema.isError ? 'error' : schema.type,
    name: schemaName.short(schema.name),
    ...(namespace !== enclosing && { namespace }),
    ...(schema.doc !== undefined && { doc: schema.doc }),
    ...bodyOf(schema, namespace, known),
    ...schema.props,
    ...(schema.aliases.length > 0 && { aliases: schema.aliases.map((alias) => schemaName.within(alias, namespace)) }),
  }
}

function bodyOf(schema: NamedSchema, namespace: string, known: Set<string>): { readonly [key: string]: Json } {
  if (schema.type === 'fixed') return { size: schema.size }
  if (schema.type === 'record') return { fields: schema.fields.map((field) => fieldToJson(field, namespace, known)) }
  return { symbols: schema.symbols, ...(schema.default !== undefined && { default: schema.default }) }
}

function fieldToJson(field: AvroField, namespace: string, known: Set<string>): Json {
  return {
    name: field.name,
    type: toJson(field.schema, namespace, known),
    ...(field.doc !== undefined && { doc: field.doc }),
    ...(field.default !== undefined && { default: field.default }),
    ...(field.order !== undefined && { order: field.order }),
    ...(field.aliases.length > 0 && { aliases: field.aliases }),
    ...field.props,
  }
}
