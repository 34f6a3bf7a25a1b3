// The fewest bytes that a value of a schema can take: what a count of items must be paid with.
import type { SchemaNode } from './schema-node.ts'

/** The fewest bytes of a value. */
export function minBytes(node: SchemaNode, within: readonly SchemaNode[] = []): number {
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
      if (within.includes(node)) return 0
      const inside = [...within, node]
      return node.fields.reduce((sum, field) => sum + minBytes(field.type, inside), 0)
    }
    default:
      // Everything else begins with at least one byte: a length, a count, an index, a varint.
      return 1
  }
}
