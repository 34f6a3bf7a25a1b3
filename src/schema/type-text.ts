// The TypeScript type of a schema's values, as text. Named types are referred to by name: the caller decides where each is declared.
import type { SchemaNode } from './schema-node.ts'

/** Gives the name under which a record or an enum is declared. */
export type NameOf = (node: Extract<SchemaNode, { kind: 'record' | 'enum' }>) => string

/** Writes the type of a node. */
export function typeText(node: SchemaNode, nameOf: NameOf): string {
  switch (node.kind) {
    case 'null':
    case 'boolean':
      return node.kind
    case 'int':
      return node.as === 'date' ? 'Date' : 'number'
    case 'long':
      return node.as === 'bigint' || node.as === 'number' ? node.as : 'Date'
    case 'float':
    case 'double':
      return 'number'
    case 'string':
      return 'string'
    case 'bytes':
    case 'fixed':
      return node.decimal === null ? 'Uint8Array' : 'string'
    case 'enum':
    case 'record':
      return nameOf(node)
    case 'array': {
      const items = typeText(node.items, nameOf)
      return node.items.kind === 'union' || node.items.kind === 'array'
        ? `readonly (${items})[]`
        : `readonly ${items}[]`
    }
    case 'map':
      return `Readonly<Record<string, ${typeText(node.values, nameOf)}>>`
    case 'union': {
      const branches = node.branches.map(({ type, label }) => {
        const inner = typeText(type, nameOf)
        if (label === null) return inner
        return `{ readonly ${/^\w+$/.test(label) ? label : `'${label}'`}: ${inner} }`
      })
      // null comes last, as people write it; a type that two branches share stands once.
      const others = branches.filter((branch) => branch !== 'null')
      return [...new Set([...others, ...branches.filter((branch) => branch === 'null')])].join(' | ')
    }
  }
}
