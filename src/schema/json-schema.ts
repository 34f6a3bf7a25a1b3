// The JSON Schema (2020-12) of what fromJson takes for a schema: for the OpenAPI page and for editors. Named types are under $defs,
// so that a record may refer to itself.
import type { RecordNode, SchemaNode } from './schema-node.ts'

/** A JSON Schema in its JSON form. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** Makes the JSON Schema of a node. */
export function jsonSchema(node: SchemaNode): JsonSchema {
  const definitions = new Map<string, JsonSchema>()
  const root = describe(node, definitions)
  return { ...root, $defs: Object.fromEntries(definitions) }
}

function describe(node: SchemaNode, definitions: Map<string, JsonSchema>): JsonSchema {
  switch (node.kind) {
    case 'null':
      return { type: 'null' }
    case 'boolean':
      return { type: 'boolean' }
    case 'int':
      if (node.as === 'date') return { type: 'string', format: 'date' }
      return { type: 'integer', format: 'int32', minimum: -2147483648, maximum: 2147483647 }
    case 'long':
      if (node.as === 'millis' || node.as === 'micros') {
        return {
          oneOf: [
            { type: 'string', format: 'date-time' },
            { type: 'integer', description: 'Milliseconds since 1970.' },
          ],
        }
      }
      if (node.as === 'number')
        return { type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
      return {
        oneOf: [
          { type: 'string', pattern: '^-?[0-9]{1,19}$' },
          { type: 'integer', format: 'int64' },
        ],
      }
    case 'float':
    case 'double':
      return { type: 'number', format: node.kind }
    case 'string':
      return node.as === 'uuid' ? { type: 'string', format: 'uuid' } : { type: 'string' }
    case 'bytes':
    case 'fixed':
      if (node.decimal !== null) return { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$' }
      return { type: 'string', contentEncoding: 'base64' }
    case 'array':
      return { type: 'array', items: describe(node.items, definitions) }
    case 'map':
      return { type: 'object', additionalProperties: describe(node.values, definitions) }
    case 'enum':
      return { type: 'string', enum: node.symbols, ...docOf(node.doc) }
    case 'record':
      return reference(node, definitions)
    case 'union':
      return {
        anyOf: node.branches.map(({ type, label }) => {
          const inner = describe(type, definitions)
          if (label === null) return inner
          return { type: 'object', properties: { [label]: inner }, required: [label], additionalProperties: false }
        }),
      }
  }
}

function reference(node: RecordNode, definitions: Map<string, JsonSchema>): JsonSchema {
  if (!definitions.has(node.fullName)) {
    // Set before its fields are described, so that a record inside itself finds it.
    definitions.set(node.fullName, {})
    const properties = node.fields.map((field) => [
      field.name,
      { ...describe(field.type, definitions), ...docOf(field.doc) },
    ])
    definitions.set(node.fullName, {
      type: 'object',
      title: node.name,
      ...docOf(node.doc),
      properties: Object.fromEntries(properties),
      required: node.fields.filter((field) => field.default === undefined).map((field) => field.name),
      additionalProperties: false,
    })
  }
  return { $ref: `#/$defs/${node.fullName}` }
}

function docOf(doc: string | null): JsonSchema {
  return doc === null ? {} : { description: doc }
}
