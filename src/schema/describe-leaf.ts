// What a value without parts is, in words for a person.
import type { LeafNode } from './is-leaf-value.ts'

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
