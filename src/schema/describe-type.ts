// What a value of a schema is, in words for a person: the `expected` of a problem.
import { describeLeaf } from './describe-leaf.ts'
import type { SchemaNode } from './schema-node.ts'

/** What a value of any node is, in words for a person. */
export function describeType(node: SchemaNode): string {
  switch (node.kind) {
    case 'array':
      return 'an array'
    case 'map':
      return 'an object of values by key'
    case 'record':
      return `an object, ${node.name}`
    case 'union':
      return node.branches
        .map(({ type, label }) => (label === null ? describeType(type) : `{ "${label}": … }`))
        .join(' or ')
    default:
      return describeLeaf(node)
  }
}
