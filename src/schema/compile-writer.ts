// Makes the function that writes values of a schema. It checks as it goes, and stops with `refused` at the first value that is not
// of its type; findProblems then says what is wrong where. A field with a default may be left out; a field that the record does
// not have is refused.
import type { ByteSink } from './byte-sink.ts'
import { isLeafValue } from './is-leaf-value.ts'
import type { LeafNode } from './is-leaf-value.ts'
import { integerToBytes } from './integer-to-bytes.ts'
import { parseDecimal } from './parse-decimal.ts'
import { defaultValue } from './default-value.ts'
import { findBranch } from './find-branch.ts'
import { isPlainObject } from './is-plain-object.ts'
import type { RecordNode, SchemaNode, UnionNode } from './schema-node.ts'

export type Write = (sink: ByteSink, value: unknown) => void

/** Thrown by a compiled writer for a value that is not of its schema. One object, since it is only ever compared. */
export const refused = new Error('the value is not of its schema')

/** Compiles a writer. */
export function compileWriter(node: SchemaNode, records: Map<SchemaNode, Write> = new Map()): Write {
  switch (node.kind) {
    case 'array':
      return arrayWriter(compileWriter(node.items, records))
    case 'map':
      return mapWriter(compileWriter(node.values, records))
    case 'record': {
      const known = records.get(node)
      if (known !== undefined) return known
      let write: Write = refuse
      records.set(node, (sink, value) => write(sink, value))
      write = recordWriter(node, records)
      return write
    }
    case 'union':
      return unionWriter(node, records)
    default:
      return leafWriter(node)
  }
}

function arrayWriter(write: Write): Write {
  return (sink, value) => {
    if (!Array.isArray(value)) return refuse()
    if (value.length > 0) {
      sink.long(value.length)
      for (const item of value as readonly unknown[]) write(sink, item)
    }
    sink.byte(0)
  }
}

function mapWriter(write: Write): Write {
  return (sink, value) => {
    if (!isPlainObject(value)) return refuse()
    const keys = Object.keys(value)
    if (keys.length > 0) {
      sink.long(keys.length)
      for (const key of keys) {
        sink.string(key)
        write(sink, value[key])
      }
    }
    sink.byte(0)
  }
}

function recordWriter(node: RecordNode, records: Map<SchemaNode, Write>): Write {
  const fields = node.fields.map((field) => ({
    name: field.name,
    write: compileWriter(field.type, records),
    field: field.default === undefined ? null : field,
  }))
  // A name that every object has by inheritance must not be taken for a field that was given.
  const isInherited = node.fields.some(({ name }) => name in Object.prototype)
  const names = new Set(node.fields.map(({ name }) => name))
  return (sink, value) => {
    if (!isPlainObject(value)) return refuse()
    let given = 0
    for (const { name, write, field } of fields) {
      const item = isInherited && !Object.hasOwn(value, name) ? undefined : value[name]
      if (item !== undefined) {
        given += 1
        write(sink, item)
      } else if (field === null) {
        refuse()
      } else {
        write(sink, defaultValue(field))
      }
    }
    for (const _ in value) given -= 1
    if (given !== 0) refuseUnknown(value, names)
  }
}

/** Reached when there are not as many keys as fields given, which is only in order where a key has the value undefined. */
function refuseUnknown(value: Record<string, unknown>, names: ReadonlySet<string>): void {
  for (const key of Object.keys(value)) if (!names.has(key) && value[key] !== undefined) refuse()
}

function unionWriter(node: UnionNode, records: Map<SchemaNode, Write>): Write {
  const branches = node.branches.map(({ type, label }) => ({ write: compileWriter(type, records), label }))
  return (sink, value) => {
    const index = findBranch(node, value)
    const branch = branches[index]
    if (branch === undefined) return refuse()
    sink.long(index)
    branch.write(sink, branch.label === null ? value : (value as Record<string, unknown>)[branch.label])
  }
}

function leafWriter(node: LeafNode): Write {
  const write = trustingWriter(node)
  if (node.kind === 'null') return (_sink, value) => (value === null ? undefined : refuse())
  if (node.kind === 'string' && node.as === 'string') {
    return (sink, value) => (typeof value === 'string' ? sink.string(value) : refuse())
  }
  return (sink, value) => (isLeafValue(node, value) ? write(sink, value as never) : refuse())
}

function trustingWriter(node: LeafNode): (sink: ByteSink, value: never) => void {
  switch (node.kind) {
    case 'null':
      return () => undefined
    case 'boolean':
      return (sink, value: boolean) => sink.byte(value ? 1 : 0)
    case 'int':
      if (node.as === 'number') return (sink, value: number) => sink.long(value)
      return (sink, value: Date) => sink.long(Math.floor(value.getTime() / 86_400_000))
    case 'long':
      if (node.as === 'bigint') return (sink, value: bigint) => sink.bigLong(value)
      if (node.as === 'number') return (sink, value: number) => sink.long(value)
      if (node.as === 'millis') return (sink, value: Date) => sink.long(value.getTime())
      return (sink, value: Date) => sink.bigLong(BigInt(value.getTime()) * 1000n)
    case 'float':
      return (sink, value: number) => sink.float(value)
    case 'double':
      return (sink, value: number) => sink.double(value)
    case 'string':
      return (sink, value: string) => sink.string(value)
    case 'enum': {
      const indexes = new Map(node.symbols.map((symbol, index) => [symbol, index]))
      return (sink, value: string) => sink.long(indexes.get(value) as number)
    }
    case 'bytes':
    case 'fixed': {
      const { decimal } = node
      const size = node.kind === 'fixed' ? node.size : null
      const put = (sink: ByteSink, bytes: Uint8Array): void => (size === null ? sink.bytes(bytes) : sink.fixed(bytes))
      if (decimal === null) return put
      return (sink, value: string) =>
        put(sink, integerToBytes(parseDecimal(value, decimal) as bigint, size) as Uint8Array)
    }
  }
}

function refuse(): never {
  throw refused
}
