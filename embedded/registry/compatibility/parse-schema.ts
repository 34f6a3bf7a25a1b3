// A strict parser of Avro schemas: names, namespaces, duplicates, unions, symbols, sizes and defaults. It collects every
// problem with the place where it lies (a JSON pointer) instead of stopping at the first. A type must be defined before it is
// used; logical types are kept but not judged, as in every Avro implementation (an unknown one is ignored).
import type { AvroField, AvroSchema, Json, JsonObject, NamedSchema, PrimitiveName, UnionSchema } from './avro-schema.ts'
import { namedTypes } from './named-types.ts'
import { schemaName } from './schema-name.ts'
import { validateDefault } from './validate-default.ts'

export interface SchemaProblem {
  /** JSON pointer into the schema: `/fields/0/type`; `/` is the schema itself. */
  readonly path: string
  readonly message: string
}

export type ParsedSchema =
  | { readonly ok: true; readonly schema: AvroSchema }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

export interface ParseOptions {
  /** Schemas whose named types are known here (default: none). */
  readonly references?: readonly AvroSchema[]
  /** Refuse defaults that do not fit; off for schemas that were accepted long ago by someone else (default: true). */
  readonly checkDefaults?: boolean
}

interface Context {
  readonly names: Map<string, NamedSchema>
  readonly problems: SchemaProblem[]
  readonly checkDefaults: boolean
}

const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] satisfies PrimitiveName[])
const COMPLEX: ReadonlySet<string> = new Set(['record', 'error', 'enum', 'fixed', 'array', 'map'])
const MAX_DEPTH = 200
// Stands where a part could not be parsed; the result is refused as a whole, so nobody sees it.
const BROKEN: AvroSchema = { type: 'null', props: {} }

/** Parses a schema given as JSON (not as text). */
export function parseSchema(json: unknown, options: ParseOptions = {}): ParsedSchema {
  if (isDeeper(json, MAX_DEPTH)) {
    return { ok: false, problems: [{ path: '/', message: `nested more than ${MAX_DEPTH} levels deep` }] }
  }
  const context: Context = {
    names: namedTypes(options.references ?? []),
    problems: [],
    checkDefaults: options.checkDefaults ?? true,
  }
  const schema = parseType(json as Json, '', '', context)
  return context.problems.length === 0 ? { ok: true, schema } : { ok: false, problems: context.problems }
}

function parseType(json: Json | undefined, path: string, namespace: string, context: Context): AvroSchema {
  if (typeof json === 'string') return resolveName(json, path, namespace, context)
  if (Array.isArray(json)) return parseUnion(json as readonly Json[], path, namespace, context)
  if (!isObject(json)) return broken(context, path, 'expected a type: a name, an object or an array of branches')

  const type = json['type']
  if (typeof type !== 'string') return broken(context, path, 'needs a "type" that is a string')
  switch (type) {
    case 'array':
      return {
        type,
        items: parseType(json['items'], `${path}/items`, namespace, context),
        props: rest(json, ['type', 'items']),
      }
    case 'map':
      return {
        type,
        values: parseType(json['values'], `${path}/values`, namespace, context),
        props: rest(json, ['type', 'values']),
      }
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return parseNamed(type, json, path, namespace, context)
    default:
      if (PRIMITIVES.has(type)) return { type: type as PrimitiveName, props: rest(json, ['type']) }
      return resolveName(type, `${path}/type`, namespace, context)
  }
}

function resolveName(name: string, path: string, namespace: string, context: Context): AvroSchema {
  if (PRIMITIVES.has(name)) return { type: name as PrimitiveName, props: {} }
  const known = context.names.get(schemaName.resolve(name, namespace)) ?? context.names.get(name)
  if (known !== undefined) return known
  if (COMPLEX.has(name)) {
    return broken(context, path, `"${name}" needs an object of its own here: { "type": "${name}", … }`)
  }
  return broken(context, path, `unknown type "${name}": define it before it is used, or name it in the references`)
}

function parseUnion(branches: readonly Json[], path: string, namespace: string, context: Context): UnionSchema {
  const seen = new Set<string>()
  const parsed = branches.map((branch, index) => {
    const at = `${path}/${index}`
    const schema = parseType(branch, at, namespace, context)
    if (schema === BROKEN) return schema
    if (schema.type === 'union') problem(context, at, 'a union may not hold another union directly')
    const key = 'name' in schema ? schema.name : schema.type
    if (seen.has(key)) problem(context, at, `"${key}" is already a branch of this union`)
    seen.add(key)
    return schema
  })
  return { type: 'union', branches: parsed }
}

function parseNamed(
  type: 'record' | 'error' | 'enum' | 'fixed',
  json: JsonObject,
  path: string,
  enclosing: string,
  context: Context,
): AvroSchema {
  const name = fullName(json, path, enclosing, context)
  const namespace = schemaName.namespace(name)
  const doc = json['doc']
  if (doc !== undefined && typeof doc !== 'string') problem(context, `${path}/doc`, '"doc" must be a string')
  const common = {
    name,
    aliases: aliasesOf(json, path, context).map((alias) => schemaName.resolve(alias, namespace)),
    ...(typeof doc === 'string' && { doc }),
  }
  const define = <T extends NamedSchema>(schema: T): T => {
    if (name !== '' && context.names.has(name)) problem(context, `${path}/name`, `"${name}" is already defined`)
    context.names.set(name, schema)
    return schema
  }
  if (type === 'enum') {
    const symbols = symbolsOf(json, path, context)
    const fallback = json['default']
    if (fallback !== undefined && (typeof fallback !== 'string' || !symbols.includes(fallback))) {
      problem(context, `${path}/default`, `the default ${JSON.stringify(fallback)} is none of the symbols`)
    }
    const props = rest(json, [...NAMED_KEYS, 'symbols', 'default'])
    return define({ type, ...common, symbols, ...(typeof fallback === 'string' && { default: fallback }), props })
  }
  if (type === 'fixed') {
    const size = json['size']
    const isSize = typeof size === 'number' && Number.isInteger(size) && size >= 0 && size < 2 ** 31
    if (!isSize) problem(context, `${path}/size`, '"size" must be a whole number, 0 or more')
    return define({ type, ...common, size: isSize ? size : 0, props: rest(json, [...NAMED_KEYS, 'size']) })
  }
  // A record is known before its fields are parsed: that is what makes recursive types possible.
  const fields: AvroField[] = []
  const props = rest(json, [...NAMED_KEYS, 'fields'])
  const record = define({ type: 'record', isError: type === 'error', ...common, fields, props })
  parseFields(json['fields'], `${path}/fields`, namespace, fields, context)
  return record
}

function parseFields(
  json: Json | undefined,
  path: string,
  namespace: string,
  into: AvroField[],
  context: Context,
): void {
  if (!Array.isArray(json)) {
    problem(context, path, 'a record needs an array of "fields"')
    return
  }
  const seen = new Set<string>()
  for (const [index, item] of (json as readonly Json[]).entries()) {
    const at = `${path}/${index}`
    if (!isObject(item)) {
      problem(context, at, 'a field is an object with "name" and "type"')
      continue
    }
    const field = parseField(item, at, namespace, context)
    if (seen.has(field.name)) problem(context, `${at}/name`, `the record already has a field "${field.name}"`)
    seen.add(field.name)
    into.push(field)
  }
}

function parseField(json: JsonObject, path: string, namespace: string, context: Context): AvroField {
  const { name, doc, order } = json
  if (typeof name !== 'string' || !schemaName.isSimple(name)) {
    problem(context, `${path}/name`, `${JSON.stringify(name) ?? 'nothing'} is no valid field name`)
  }
  const before = context.problems.length
  const schema = parseType(json['type'], `${path}/type`, namespace, context)
  const value = json['default']
  // A default of a broken type cannot be judged, and a recursive type is judged once its fields are known.
  if (value !== undefined && context.checkDefaults && context.problems.length === before) {
    const reason = validateDefault(schema, value)
    if (reason !== undefined) problem(context, `${path}/default`, `the default does not fit the type: ${reason}`)
  }
  if (doc !== undefined && typeof doc !== 'string') problem(context, `${path}/doc`, '"doc" must be a string')
  if (order !== undefined && order !== 'ascending' && order !== 'descending' && order !== 'ignore') {
    problem(context, `${path}/order`, '"order" must be ascending, descending or ignore')
  }
  return {
    name: typeof name === 'string' ? name : '',
    schema,
    ...(typeof doc === 'string' && { doc }),
    ...(value !== undefined && { default: value }),
    ...((order === 'descending' || order === 'ignore') && { order }),
    aliases: aliasesOf(json, path, context),
    props: rest(json, ['name', 'type', 'doc', 'default', 'order', 'aliases']),
  }
}

const NAMED_KEYS = ['type', 'name', 'namespace', 'doc', 'aliases']

function fullName(json: JsonObject, path: string, enclosing: string, context: Context): string {
  const { name, namespace } = json
  if (typeof name !== 'string' || !schemaName.isFull(name)) {
    problem(context, `${path}/name`, `${JSON.stringify(name) ?? 'nothing'} is no valid name`)
    return ''
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    problem(context, `${path}/namespace`, '"namespace" must be a string')
  } else if (typeof namespace === 'string' && namespace !== '' && !schemaName.isFull(namespace)) {
    problem(context, `${path}/namespace`, `${JSON.stringify(namespace)} is no valid namespace`)
  }
  if (PRIMITIVES.has(name)) problem(context, `${path}/name`, `a type may not be named like the primitive "${name}"`)
  return schemaName.resolve(name, typeof namespace === 'string' ? namespace : enclosing)
}

function aliasesOf(json: JsonObject, path: string, context: Context): readonly string[] {
  const aliases = json['aliases']
  if (aliases === undefined) return []
  const valid =
    Array.isArray(aliases) && aliases.every((alias) => typeof alias === 'string' && schemaName.isFull(alias))
  if (!valid) problem(context, `${path}/aliases`, '"aliases" must be an array of valid names')
  return valid ? (aliases as readonly string[]) : []
}

function symbolsOf(json: JsonObject, path: string, context: Context): readonly string[] {
  const symbols = json['symbols']
  if (!Array.isArray(symbols)) {
    problem(context, `${path}/symbols`, 'an enum needs an array of "symbols"')
    return []
  }
  const seen = new Set<string>()
  for (const [index, symbol] of (symbols as readonly Json[]).entries()) {
    const at = `${path}/symbols/${index}`
    if (typeof symbol !== 'string' || !schemaName.isSimple(symbol)) {
      problem(context, at, `${JSON.stringify(symbol)} is no valid symbol`)
      continue
    }
    if (seen.has(symbol)) problem(context, at, `the symbol "${symbol}" is there twice`)
    seen.add(symbol)
  }
  return symbols as readonly string[]
}

function rest(json: JsonObject, known: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([key]) => !known.includes(key)))
}

function problem(context: Context, path: string, message: string): void {
  context.problems.push({ path: path === '' ? '/' : path, message })
}

function broken(context: Context, path: string, message: string): AvroSchema {
  problem(context, path, message)
  return BROKEN
}

function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isDeeper(json: unknown, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return false
  return levels === 0 || Object.values(json).some((value) => isDeeper(value, levels - 1))
}
