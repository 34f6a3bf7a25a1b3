// A field's default, from Avro's JSON form to the value that TypeScript sees. Bytes are text with one character a byte, logical
// types are their numbers, a union's default belongs to the first branch that takes it.
import type { FieldNode, RecordNode, SchemaNode } from './schema-node.ts'
import { Unreadable } from './unreadable.ts'
import { bytesToInteger } from './bytes-to-integer.ts'
import { formatDecimal } from './format-decimal.ts'
import { setOwn } from './set-own.ts'

/**
 * Makes the default of a field, a new object each time.
 * @throws Unreadable when the default does not fit its type
 */
export function defaultValue(field: FieldNode): unknown {
  try {
    return fromAvroJson(field.type, field.default)
  } catch (error) {
    const reason = error instanceof Unreadable ? error.message : 'it is nested too deeply'
    throw new Unreadable(`the default of ${field.name} does not fit its type: ${reason}`)
  }
}

function fromAvroJson(node: SchemaNode, json: unknown): unknown {
  switch (node.kind) {
    case 'null':
      return json === null ? null : misfit('null', json)
    case 'boolean':
      return typeof json === 'boolean' ? json : misfit('boolean', json)
    case 'float':
    case 'double':
      return typeof json === 'number' ? json : misfit('number', json)
    case 'int':
      if (typeof json !== 'number' || (json | 0) !== json) return misfit('int', json)
      return node.as === 'date' ? new Date(json * 86_400_000) : json
    case 'long':
      if (typeof json !== 'number' || !Number.isSafeInteger(json)) return misfit('long', json)
      return longValue(node.as, json)
    case 'string':
      return typeof json === 'string' ? json : misfit('string', json)
    case 'bytes':
    case 'fixed': {
      if (typeof json !== 'string') return misfit('text of bytes', json)
      const bytes = new Uint8Array(Buffer.from(json, 'latin1'))
      if (node.kind === 'fixed' && bytes.length !== node.size) return misfit(`${node.size} bytes`, json)
      return node.decimal === null ? bytes : formatDecimal(bytesToInteger(bytes), node.decimal.scale)
    }
    case 'enum':
      return typeof json === 'string' && node.symbols.includes(json) ? json : misfit(node.symbols.join(' or '), json)
    case 'array':
      return Array.isArray(json) ? json.map((item) => fromAvroJson(node.items, item)) : misfit('array', json)
    case 'map':
      return entriesOf(json).reduce<Record<string, unknown>>(
        (map, [key, value]) => setOwn(map, key, fromAvroJson(node.values, value)),
        {},
      )
    case 'record':
      return recordDefault(node, json)
    case 'union':
      for (const { type, label } of node.branches) {
        try {
          const value = fromAvroJson(type, json)
          return label === null ? value : { [label]: value }
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error
        }
      }
      return misfit('a branch of the union', json)
  }
}

function longValue(as: 'bigint' | 'number' | 'millis' | 'micros', value: number): unknown {
  if (as === 'number') return value
  if (as === 'bigint') return BigInt(value)
  return new Date(as === 'millis' ? value : Math.floor(value / 1000))
}

function recordDefault(node: RecordNode, json: unknown): unknown {
  const given = new Map(entriesOf(json))
  const record: Record<string, unknown> = {}
  for (const field of node.fields) {
    const value = given.get(field.name)
    if (value === undefined && field.default === undefined) return misfit(`an object with ${field.name}`, json)
    setOwn(record, field.name, fromAvroJson(field.type, value === undefined ? field.default : value))
  }
  return record
}

function entriesOf(json: unknown): [string, unknown][] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return misfit('an object', json)
  return Object.entries(json)
}

function misfit(expected: string, json: unknown): never {
  throw new Unreadable(`expected ${expected}, found ${JSON.stringify(json) ?? 'nothing'}`)
}
