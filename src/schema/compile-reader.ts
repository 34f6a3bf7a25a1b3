// Makes the function that reads what a writer's schema wrote as the reader's schema has it: Avro's schema resolution, once per pair
// of schemas. A pair that can never be read is refused here; one that can be read in part (a union's branch, an enum's symbol
// that the reader does not know) is refused when such a value comes.
import { areSameName } from './are-same-name.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { compileRecordReader } from './compile-record-reader.ts'
import type { Read } from './compile-record-reader.ts'
import { bytesToInteger } from './bytes-to-integer.ts'
import { formatDecimal } from './format-decimal.ts'
import { defaultValue } from './default-value.ts'
import { minBytes } from './min-bytes.ts'
import { pickBranches } from './pick-branch.ts'
import type { DecimalForm, RecordNode, SchemaNode, UnionNode } from './schema-node.ts'
import { setOwn } from './set-own.ts'
import { Unreadable } from './unreadable.ts'

type Of<Kind extends SchemaNode['kind']> = Extract<SchemaNode, { kind: Kind }>

/**
 * Compiles a reader.
 * @throws Unreadable when no value of the writer could be read
 */
export function compileReader(writer: SchemaNode, reader: SchemaNode): Read {
  return new Resolution().resolve(writer, reader)
}

class Resolution {
  /** Record pairs already met: resolved, failed, or on their way, when they refer to themselves. */
  readonly #records = new Map<SchemaNode, Map<SchemaNode, Read | Unreadable>>()

  resolve(writer: SchemaNode, reader: SchemaNode): Read {
    if (writer.kind === 'union') return this.#fromUnion(writer, reader)
    if (reader.kind === 'union') return this.#intoUnion(writer, reader)
    switch (reader.kind) {
      case 'null':
        return writer.kind === 'null' ? () => null : mismatch(writer, reader)
      case 'boolean':
        return writer.kind === 'boolean' ? (cursor) => cursor.boolean() : mismatch(writer, reader)
      case 'int':
        if (writer.kind !== 'int') return mismatch(writer, reader)
        return reader.as === 'date' ? (cursor) => new Date(cursor.int() * 86_400_000) : (cursor) => cursor.int()
      case 'long':
        return longReader(writer, reader)
      case 'float':
      case 'double':
        return floatReader(writer, reader)
      case 'string':
        return writer.kind === 'string' || writer.kind === 'bytes'
          ? (cursor) => cursor.string()
          : mismatch(writer, reader)
      case 'bytes':
        return bytesReader(writer, reader)
      case 'fixed':
        if (writer.kind !== 'fixed' || writer.size !== reader.size || !areSameName(writer, reader)) {
          return mismatch(writer, reader)
        }
        return asDecimal((cursor) => cursor.fixed(reader.size), writer.decimal, reader)
      case 'enum':
        return enumReader(writer, reader)
      case 'array':
        return writer.kind === 'array' ? this.#array(writer, reader) : mismatch(writer, reader)
      case 'map':
        return writer.kind === 'map' ? this.#map(writer, reader) : mismatch(writer, reader)
      case 'record':
        return writer.kind === 'record' && areSameName(writer, reader)
          ? this.#record(writer, reader)
          : mismatch(writer, reader)
    }
  }

  #fromUnion(writer: UnionNode, reader: SchemaNode): Read {
    const results = writer.branches.map(({ type }) => attempt(() => this.resolve(type, reader)))
    const failures = results.filter((result) => result instanceof Unreadable)
    if (failures.length === results.length) throw failures[0] ?? new Unreadable('the union is empty')
    const reads = results.map((result) => (result instanceof Unreadable ? refusing(result.message) : result))
    const count = reads.length
    return (cursor) => (reads[cursor.index(count)] as Read)(cursor)
  }

  #intoUnion(writer: SchemaNode, reader: UnionNode): Read {
    for (const { type, label } of pickBranches(reader, writer)) {
      const read = attempt(() => this.resolve(writer, type))
      if (read instanceof Unreadable) continue
      return label === null ? read : (cursor) => ({ [label]: read(cursor) })
    }
    return mismatch(writer, reader)
  }

  #array(writer: Of<'array'>, reader: Of<'array'>): Read {
    const read = this.resolve(writer.items, reader.items)
    const itemBytes = minBytes(writer.items)
    return (cursor) => {
      const items: unknown[] = []
      for (let count = cursor.blockCount(itemBytes); count > 0; count = cursor.blockCount(itemBytes)) {
        for (let index = 0; index < count; index += 1) items.push(read(cursor))
      }
      return items
    }
  }

  #map(writer: Of<'map'>, reader: Of<'map'>): Read {
    const read = this.resolve(writer.values, reader.values)
    const entryBytes = 1 + minBytes(writer.values)
    return (cursor) => {
      const map: Record<string, unknown> = {}
      for (let count = cursor.blockCount(entryBytes); count > 0; count = cursor.blockCount(entryBytes)) {
        for (let index = 0; index < count; index += 1) setOwn(map, cursor.string(), read(cursor))
      }
      return map
    }
  }

  #record(writer: RecordNode, reader: RecordNode): Read {
    const known = this.#records.get(writer)?.get(reader)
    if (known instanceof Unreadable) throw known
    if (known !== undefined) return known
    const byReader = this.#records.get(writer) ?? new Map<SchemaNode, Read | Unreadable>()
    this.#records.set(writer, byReader)
    // A record that refers to itself gets this function, which counts the depth and calls what is compiled below.
    let compiled: Read = refusing(`${reader.fullName} cannot be read`)
    byReader.set(reader, (cursor) => {
      cursor.descend()
      const value = compiled(cursor)
      cursor.ascend()
      return value
    })
    try {
      const read = this.#recordPlan(writer, reader)
      // Records without a byte could be told to hold each other by the million.
      compiled = minBytes(writer) > 0 ? read : countingEmpty(read)
      return compiled
    } catch (error) {
      if (error instanceof Unreadable) byReader.set(reader, error)
      throw error
    }
  }

  #recordPlan(writer: RecordNode, reader: RecordNode): Read {
    const steps: { read: Read; field: string | null }[] = []
    const filled = new Set<string>()
    for (const field of writer.fields) {
      const target =
        reader.fields.find((candidate) => candidate.name === field.name) ??
        reader.fields.find((candidate) => candidate.aliases.includes(field.name))
      if (target === undefined || filled.has(target.name)) {
        // Passed over by reading it as its writer had it: the guards are then the same for what is kept and what is dropped.
        steps.push({ read: this.resolve(field.type, field.type), field: null })
        continue
      }
      filled.add(target.name)
      const read = attempt(() => this.resolve(field.type, target.type))
      if (read instanceof Unreadable) throw new Unreadable(`${reader.name}.${target.name}: ${read.message}`)
      steps.push({ read, field: target.name })
    }
    const fields = reader.fields.map((field) => {
      if (filled.has(field.name)) return { name: field.name, make: null }
      if (field.default === undefined) {
        throw new Unreadable(`${reader.name}.${field.name} is missing in what was written and has no default`)
      }
      const first = defaultValue(field)
      const isPlain = typeof first !== 'object' || first === null
      return { name: field.name, make: isPlain ? () => first : () => defaultValue(field) }
    })
    return compileRecordReader({ steps, fields })
  }
}

function countingEmpty(read: Read): Read {
  return (cursor) => {
    cursor.countEmpty(1)
    return read(cursor)
  }
}

function longReader(writer: SchemaNode, reader: Of<'long'>): Read {
  if (writer.kind !== 'int' && writer.kind !== 'long') return mismatch(writer, reader)
  const { as } = reader
  if (as === 'number') return (cursor) => cursor.safeLong()
  if (as === 'bigint') return (cursor) => cursor.long()
  // Both schemas name their unit, and one may have changed it: the instant is kept, not the digits.
  const unit = writer.kind === 'long' && (writer.as === 'millis' || writer.as === 'micros') ? writer.as : as
  return unit === 'millis' ? (cursor) => dateOf(cursor.safeLong()) : (cursor) => dateOf(microsToMillis(cursor.long()))
}

function microsToMillis(micros: bigint): number {
  // Rounded towards the past, on both sides of 1970.
  return Number((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n)
}

function dateOf(millis: number): Date {
  const date = new Date(millis)
  if (Number.isNaN(date.getTime())) throw new Unreadable(`${millis} ms is no date`)
  return date
}

function floatReader(writer: SchemaNode, reader: SchemaNode): Read {
  if (writer.kind === 'int') return (cursor) => cursor.int()
  if (writer.kind === 'long') return (cursor) => Number(cursor.long())
  if (writer.kind === 'float') return (cursor) => cursor.float()
  return writer.kind === 'double' && reader.kind === 'double' ? (cursor) => cursor.double() : mismatch(writer, reader)
}

function bytesReader(writer: SchemaNode, reader: Of<'bytes'>): Read {
  if (writer.kind === 'bytes') return asDecimal((cursor) => cursor.bytes(), writer.decimal, reader)
  return writer.kind === 'string' && reader.decimal === null ? (cursor) => cursor.bytes() : mismatch(writer, reader)
}

function asDecimal(
  read: (cursor: ByteCursor) => Uint8Array,
  written: DecimalForm | null,
  reader: Of<'bytes' | 'fixed'>,
): Read {
  const form = reader.decimal
  if (form === null) return read
  if (written !== null && written.scale !== form.scale) {
    throw new Unreadable(`a decimal of scale ${written.scale} cannot be read as one of scale ${form.scale}`)
  }
  return (cursor) => {
    const bytes = read(cursor)
    // A thousand digits are 416 bytes; more would only cost time.
    const unscaled = bytes.length <= 416 ? bytesToInteger(bytes) : null
    const digits = unscaled === null ? Infinity : (unscaled < 0n ? -unscaled : unscaled).toString().length
    if (unscaled === null || digits > form.precision)
      throw new Unreadable(`a decimal has more than ${form.precision} digits`)
    return formatDecimal(unscaled, form.scale)
  }
}

function enumReader(writer: SchemaNode, reader: Of<'enum'>): Read {
  if (writer.kind !== 'enum' || !areSameName(writer, reader)) return mismatch(writer, reader)
  const symbols = writer.symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : reader.fallback))
  const count = symbols.length
  return (cursor) => {
    const index = cursor.index(count)
    const symbol = symbols[index]
    if (symbol === null || symbol === undefined) {
      throw new Unreadable(`${reader.name} has no symbol ${writer.symbols[index]} and no default`)
    }
    return symbol
  }
}

function attempt(resolve: () => Read): Read | Unreadable {
  try {
    return resolve()
  } catch (error) {
    if (error instanceof Unreadable) return error
    throw error
  }
}

function refusing(reason: string): Read {
  return () => {
    throw new Unreadable(reason)
  }
}

function mismatch(writer: SchemaNode, reader: SchemaNode): never {
  throw new Unreadable(`${nameOf(writer)} cannot be read as ${nameOf(reader)}`)
}

function nameOf(node: SchemaNode): string {
  return 'fullName' in node ? `${node.kind} ${node.fullName}` : node.kind
}
