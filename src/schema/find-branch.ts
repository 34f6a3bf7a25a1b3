// Which branch of a union a value belongs to, by its form alone. A branch that keeps the value exactly comes before one that would
// round it; records and maps that share a union are told apart by their label.
import { isPlainObject } from './is-plain-object.ts'
import type { SchemaNode, UnionNode } from './schema-node.ts'

/** The index of the branch that takes a value, or -1. */
export function findBranch(union: UnionNode, value: unknown): number {
  const { branches } = union
  for (let index = 0; index < branches.length; index += 1) {
    const { type, label } = branches[index] as UnionNode['branches'][number]
    if (label === null ? isOf(type, value, true) : isWrapped(label, value)) return index
  }
  return branches.findIndex(({ type, label }) => label === null && isOf(type, value, false))
}

function isWrapped(label: string, value: unknown): boolean {
  if (!isPlainObject(value)) return false
  const keys = Object.keys(value)
  return keys.length === 1 && keys[0] === label
}

function isOf(node: SchemaNode, value: unknown, exactly: boolean): boolean {
  switch (node.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      if (node.as === 'date') return value instanceof Date
      return typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)
    case 'long':
      if (node.as === 'bigint') return typeof value === 'bigint'
      if (node.as === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0)
      return value instanceof Date
    case 'float':
      return typeof value === 'number' && (!exactly || Object.is(Math.fround(value), value))
    case 'double':
      return typeof value === 'number'
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return node.decimal === null ? value instanceof Uint8Array : typeof value === 'string'
    case 'fixed':
      if (node.decimal !== null) return typeof value === 'string'
      return value instanceof Uint8Array && (!exactly || value.length === node.size)
    case 'enum':
      return typeof value === 'string' && node.symbols.includes(value)
    case 'array':
      return Array.isArray(value)
    case 'map':
    case 'record':
      return isPlainObject(value)
    case 'union':
      return false
  }
}
