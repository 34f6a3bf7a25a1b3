// What a value that has no parts must be, in one place for the writer and for the problems it reports.
import { integerToBytes, parseDecimal } from './decimal.ts'
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

/** What a value of the node is, in words for a person. */
export function describeLeaf(node: LeafNode): string {
  switch (node.kind) {
    case 'int':
      return node.as === 'date' ? 'a valid Date' : 'a whole number of 32 bits'
    case 'long':
      if (node.as === 'bigint') return 'a bigint of 64 bits'
      return node.as === 'number' ? 'a whole number that is exact (at most 2^53 - 1)' : 'a valid Date'
    case 'float':
      return 'a number that fits 32 bits'
    case 'double':
      return 'a number'
    case 'string':
      return node.as === 'uuid' ? 'a UUID' : 'a string'
    case 'bytes':
    case 'fixed':
      if (node.decimal !== null) {
        return `a decimal in a string, at most ${node.decimal.precision} digits, ${node.decimal.scale} behind the point`
      }
      return node.kind === 'fixed' ? `a Uint8Array of ${node.size} bytes` : 'a Uint8Array'
    case 'enum':
      return `one of ${node.symbols.join(', ')}`
    default:
      return node.kind
  }
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime())
}
