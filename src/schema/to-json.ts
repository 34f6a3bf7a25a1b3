// Typed data as JSON: bigint as a string of digits, Date as ISO 8601, bytes in base64, NaN and the infinities by name.
import { findBranch } from './find-branch.ts'
import type { SchemaNode } from './schema-node.ts'
import { setOwn } from './set-own.ts'

/** Makes JSON of a value that is of its schema. */
export function toJson(node: SchemaNode, value: unknown): unknown {
  switch (node.kind) {
    case 'int':
      return value instanceof Date ? value.toISOString().slice(0, 10) : value
    case 'long':
      if (value instanceof Date) return value.toISOString()
      return typeof value === 'bigint' ? value.toString() : value
    case 'float':
    case 'double':
      return Number.isFinite(value) ? value : String(value)
    case 'bytes':
    case 'fixed':
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
    case 'array':
      return (value as readonly unknown[]).map((item) => toJson(node.items, item))
    case 'map':
      return Object.entries(value as object).reduce<Record<string, unknown>>(
        (json, [key, item]) => setOwn(json, key, toJson(node.values, item)),
        {},
      )
    case 'record': {
      const json: Record<string, unknown> = {}
      for (const field of node.fields) {
        const item = (value as Record<string, unknown>)[field.name]
        if (item !== undefined) setOwn(json, field.name, toJson(field.type, item))
      }
      return json
    }
    case 'union': {
      const branch = node.branches[findBranch(node, value)]
      if (branch === undefined) return value
      if (branch.label === null) return toJson(branch.type, value)
      return { [branch.label]: toJson(branch.type, (value as Record<string, unknown>)[branch.label]) }
    }
    default:
      return value
  }
}
