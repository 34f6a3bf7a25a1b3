// The named types (record, enum, fixed) that a set of schemas defines, by full name. Each type is visited once, so
// recursive types end.
import type { AvroSchema, NamedSchema } from './avro-schema.ts'

/** All named types reachable from `schemas`. */
export function namedTypes(schemas: readonly AvroSchema[]): Map<string, NamedSchema> {
  const found = new Map<string, NamedSchema>()
  const pending: AvroSchema[] = [...schemas].reverse()
  for (let schema = pending.pop(); schema !== undefined; schema = pending.pop()) {
    if (schema.type === 'array') pending.push(schema.items)
    else if (schema.type === 'map') pending.push(schema.values)
    else if (schema.type === 'union') pending.push(...schema.branches)
    else if ('name' in schema && !found.has(schema.name)) {
      found.set(schema.name, schema)
      if (schema.type === 'record') pending.push(...schema.fields.map((field) => field.schema))
    }
  }
  return found
}
