// Turns a self-contained Avro schema into nodes: resolves names, reads logical types, checks what the specification demands.
// Lenient where a stored schema of another writer may be: a bad logical type is ignored, a default is checked only when used.
import type { AvroSchema } from '../definition/event-type.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Branch, DecimalForm, FieldNode, RecordNode, SchemaNode } from './schema-node.ts'

type Attributes = Readonly<Record<string, unknown>>

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
const simpleNamePattern = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Where the parser is: the path to say in an error, the namespace that short names belong to, how longs read. */
interface Place {
  readonly path: string
  readonly namespace: string
  readonly longAs: 'bigint' | 'number'
}

/**
 * Parses a schema in its JSON form.
 * @throws MillraceError MILLRACE_SCHEMA_INVALID naming the place inside the schema and what is wrong there
 */
export function parseSchema(schema: AvroSchema): SchemaNode {
  try {
    return new Parser().parse(schema, { path: '', namespace: '', longAs: 'bigint' })
  } catch (error) {
    // A schema nested deeper than the stack is the only way to get here with another error.
    if (error instanceof MillraceError) throw error
    throw new MillraceError('MILLRACE_SCHEMA_INVALID', 'The schema is nested too deeply to be parsed.', {
      cause: error,
    })
  }
}

class Parser {
  readonly #named = new Map<string, SchemaNode>()

  parse(schema: unknown, place: Place): SchemaNode {
    if (typeof schema === 'string') return this.#reference(schema, place)
    if (Array.isArray(schema)) return this.#union(schema, place)
    if (typeof schema !== 'object' || schema === null) {
      throw invalid(place, `a schema is a name, an object or an array, not ${JSON.stringify(schema)}`)
    }
    const attributes = schema as Attributes
    const inner = { ...place, longAs: longForm(attributes, place.longAs) }
    const { type } = attributes
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(attributes, inner)
      case 'enum':
        return this.#enumeration(attributes, inner)
      case 'fixed':
        return this.#fixed(attributes, inner)
      case 'array':
        return { kind: 'array', items: this.parse(attributes['items'], { ...inner, path: `${place.path}[]` }) }
      case 'map':
        return { kind: 'map', values: this.parse(attributes['values'], { ...inner, path: `${place.path}{}` }) }
      default:
        return typeof type === 'string'
          ? (primitive(type, attributes, inner) ?? this.parse(type, inner))
          : this.parse(type, inner)
    }
  }

  #reference(name: string, place: Place): SchemaNode {
    const leaf = primitive(name, {}, place)
    if (leaf !== null) return leaf
    const qualified = name.includes('.') || place.namespace === '' ? name : `${place.namespace}.${name}`
    const found = this.#named.get(qualified) ?? this.#named.get(name)
    if (found === undefined)
      throw invalid(place, `"${name}" is neither a type of Avro nor a name defined before this place`)
    return found
  }

  #union(schema: readonly unknown[], place: Place): SchemaNode {
    const types = schema.map((branch) => this.parse(branch, place))
    const seen = new Set<string>()
    for (const type of types) {
      if (type.kind === 'union') throw invalid(place, 'a union may not hold a union directly')
      const identity = 'fullName' in type ? type.fullName : type.kind
      if (seen.has(identity)) throw invalid(place, `a union may not hold ${identity} twice`)
      seen.add(identity)
    }
    if (types.length === 0) throw invalid(place, 'a union needs at least one branch')
    return { kind: 'union', branches: labelled(types) }
  }

  #record(attributes: Attributes, place: Place): SchemaNode {
    const names = nameOf(attributes, place)
    const { fields } = attributes
    if (!Array.isArray(fields)) throw invalid(place, `record ${names.fullName} needs "fields", an array`)
    const nodes: FieldNode[] = []
    const record: RecordNode = { kind: 'record', ...names, fields: nodes }
    this.#define(record, place)
    const namespace = namespaceOf(names.fullName)
    const taken = new Set<string>()
    for (const field of fields as readonly unknown[]) {
      if (typeof field !== 'object' || field === null)
        throw invalid(place, `a field of ${names.fullName} is not an object`)
      const entry = field as Attributes
      const name = entry['name']
      if (typeof name !== 'string' || !simpleNamePattern.test(name)) {
        throw invalid(
          place,
          `${names.fullName} has a field named ${JSON.stringify(name)}; letters, digits and _ make a name`,
        )
      }
      const path = place.path === '' ? name : `${place.path}.${name}`
      if (taken.has(name)) throw invalid({ ...place, path }, `${names.fullName} has two fields of this name`)
      taken.add(name)
      if (entry['type'] === undefined) throw invalid({ ...place, path }, 'the field has no "type"')
      nodes.push({
        name,
        aliases: strings(entry['aliases']),
        doc: textOf(entry['doc']),
        type: this.parse(entry['type'], { path, namespace, longAs: longForm(entry, 'bigint') }),
        default: entry['default'],
      })
    }
    return record
  }

  #enumeration(attributes: Attributes, place: Place): SchemaNode {
    const names = nameOf(attributes, place)
    const { symbols } = attributes
    if (!Array.isArray(symbols) || symbols.length === 0 || new Set(symbols).size !== symbols.length) {
      throw invalid(place, `enum ${names.fullName} needs "symbols", an array of different names`)
    }
    for (const symbol of symbols as readonly unknown[]) {
      if (typeof symbol !== 'string' || !simpleNamePattern.test(symbol)) {
        throw invalid(
          place,
          `enum ${names.fullName} has the symbol ${JSON.stringify(symbol)}; letters, digits and _ make a symbol`,
        )
      }
    }
    const fallback = textOf(attributes['default'])
    if (fallback !== null && !symbols.includes(fallback)) {
      throw invalid(place, `the default "${fallback}" of enum ${names.fullName} is none of its symbols`)
    }
    return this.#define({ kind: 'enum', ...names, symbols: symbols as readonly string[], fallback }, place)
  }

  #fixed(attributes: Attributes, place: Place): SchemaNode {
    const names = nameOf(attributes, place)
    const { size } = attributes
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw invalid(place, `fixed ${names.fullName} needs "size", a whole number`)
    }
    return this.#define({ kind: 'fixed', ...names, size, decimal: decimalForm(attributes) }, place)
  }

  #define(node: Extract<SchemaNode, { fullName: string }>, place: Place): SchemaNode {
    if (this.#named.has(node.fullName)) throw invalid(place, `${node.fullName} is defined twice`)
    this.#named.set(node.fullName, node)
    return node
  }
}

function primitive(type: string, attributes: Attributes, place: Place): SchemaNode | null {
  const logical = attributes['logicalType']
  switch (type) {
    case 'null':
    case 'boolean':
    case 'float':
    case 'double':
      return { kind: type }
    case 'int':
      return { kind: 'int', as: logical === 'date' ? 'date' : 'number' }
    case 'long':
      if (logical === 'timestamp-millis') return { kind: 'long', as: 'millis' }
      if (logical === 'timestamp-micros') return { kind: 'long', as: 'micros' }
      return { kind: 'long', as: place.longAs }
    case 'bytes':
      return { kind: 'bytes', decimal: decimalForm(attributes) }
    case 'string':
      return { kind: 'string', as: logical === 'uuid' ? 'uuid' : 'string' }
    default:
      return null
  }
}

function decimalForm(attributes: Attributes): DecimalForm | null {
  const { precision, scale = 0 } = attributes
  if (attributes['logicalType'] !== 'decimal') return null
  if (typeof precision !== 'number' || typeof scale !== 'number') return null
  const whole = Number.isSafeInteger(precision) && Number.isSafeInteger(scale)
  return whole && precision > 0 && precision <= 1000 && scale >= 0 && scale <= precision ? { precision, scale } : null
}

function longForm(attributes: Attributes, inherited: 'bigint' | 'number'): 'bigint' | 'number' {
  const form = attributes['millrace.type']
  return form === 'number' || form === 'bigint' ? form : inherited
}

function labelled(types: readonly SchemaNode[]): readonly Branch[] {
  const objects = types.filter((type) => type.kind === 'record' || type.kind === 'map')
  if (objects.length < 2) return types.map((type) => ({ type, label: null }))
  return types.map((type) => {
    if (type.kind === 'map') return { type, label: 'map' }
    if (type.kind !== 'record') return { type, label: null }
    const alone = objects.every((other) => other === type || !('name' in other) || other.name !== type.name)
    return { type, label: alone ? type.name : type.fullName }
  })
}

function nameOf(
  attributes: Attributes,
  place: Place,
): { fullName: string; name: string; aliases: string[]; doc: string | null } {
  const { name, namespace } = attributes
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw invalid(place, `${JSON.stringify(name)} is no name; letters, digits, _ and dots make one`)
  }
  const space = typeof namespace === 'string' ? namespace : place.namespace
  if (space !== '' && !namePattern.test(space)) throw invalid(place, `"${space}" is no namespace`)
  const fullName = name.includes('.') || space === '' ? name : `${space}.${name}`
  const own = namespaceOf(fullName)
  const aliases = strings(attributes['aliases']).map((alias) =>
    alias.includes('.') || own === '' ? alias : `${own}.${alias}`,
  )
  return { fullName, name: fullName.slice(fullName.lastIndexOf('.') + 1), aliases, doc: textOf(attributes['doc']) }
}

function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')))
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function invalid(place: Place, problem: string): MillraceError {
  const where = place.path === '' ? 'at the top' : `at ${place.path}`
  return new MillraceError('MILLRACE_SCHEMA_INVALID', `The Avro schema is wrong ${where}: ${problem}.`, {
    context: { field: place.path, problem },
  })
}
