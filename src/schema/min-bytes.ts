// The fewest bytes that a value of a schema can take: what a count of items must be paid with.
import type { SchemaNode } from './schema-node.ts'

/** The fewest bytes of a value. `records` keeps what is known of records, which may be used many times over. */
export function minBytes(node: SchemaNode, records: Map<SchemaNode, number> = new Map()): number {
  switch (node.kind) {
    case 'null':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'fixed':
      return node.size
    case 'record': {
      const known = records.get(node)
      if (known !== undefined) return known
      // A record inside itself without a union in between has no value at all: nothing is asked for it.
      records.set(node, 0)
      const bytes = node.fields.reduce((sum, field) => sum + minBytes(field.type, records), 0)
      records.set(node, Math.min(bytes, Number.MAX_SAFE_INTEGER))
      return bytes
    }
    default:
      // Everything else begins with at least one byte: a length, a count, an index, a varint.
      return 1
  }
}
