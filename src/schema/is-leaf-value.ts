// What a value that has no parts must be, in one place for the writer and for the problems that are reported.
import { integerToBytes } from './integer-to-bytes.ts'
import { parseDecimal } from './parse-decimal.ts'
import type { SchemaNode } from './schema-node.ts'

export type LeafNode = Exclude<SchemaNode, { kind: 'array' | 'map' | 'record' | 'union' }>

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a value is one of the node's. */
export function isLeafValue(node: LeafNode, value: unknown): boolean {
  switch (node.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return node.as === 'date' ? isDate(value) : typeof value === 'number' && (value | 0) === value
    case 'long':
      if (node.as === 'bigint') return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
      return node.as === 'number' ? Number.isSafeInteger(value) : isDate(value)
    case 'float':
      return typeof value === 'number' && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value))
    case 'double':
      return typeof value === 'number'
    case 'string':
      return typeof value === 'string' && (node.as === 'string' || uuidPattern.test(value))
    case 'bytes':
    case 'fixed': {
      const size = node.kind === 'fixed' ? node.size : null
      if (node.decimal === null) return value instanceof Uint8Array && (size === null || value.length === size)
      const unscaled = typeof value === 'string' ? parseDecimal(value, node.decimal) : null
      return unscaled !== null && integerToBytes(unscaled, size) !== null
    }
    case 'enum':
      return typeof value === 'string' && node.symbols.includes(value)
  }
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime())
}
