// Can a reader's schema read everything that was written with a writer's schema? Avro's resolution rules, in the order and
// with the types of findings of Avro's own compatibility checker (names compare by their last part), and beyond it: a finding
// inside a union of the writer keeps its place, and a field that matches two by alias is a finding instead of an exception.
//
// Recursive types: a pair that is being checked counts as compatible when it is met again. A verdict of "compatible" reached
// under that assumption is forgotten when the assumption turns out wrong; otherwise a union tried later would be let through.
import type {
  AvroField,
  AvroSchema,
  EnumSchema,
  FixedSchema,
  NamedSchema,
  RecordSchema,
  UnionSchema,
} from './avro-schema.ts'
import type { Incompatibility, IncompatibilityType } from './incompatibility.ts'
import { schemaName } from './schema-name.ts'

/** All findings, in the order of the reader's fields; none when the reader reads everything. */
export function checkReader(reader: AvroSchema, writer: AvroSchema): readonly Incompatibility[] {
  return check(reader, writer, new Verdicts()).map((finding) => ({ ...finding, path: finding.path || '/' }))
}

// Two schemas that share types in many places could repeat one finding without end; nobody reads more than this.
const MAX_FINDINGS = 100

const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
}

// Findings of a pair of named types, with paths relative to the pair. Only those can recur.
class Verdicts {
  readonly #byReader = new Map<AvroSchema, Map<AvroSchema, readonly Incompatibility[]>>()
  readonly #branches = new Map<UnionSchema, Map<string, AvroSchema[]>>()
  readonly #compatible: (readonly [AvroSchema, AvroSchema])[] = []

  of(reader: AvroSchema, writer: AvroSchema, decide: () => readonly Incompatibility[]): readonly Incompatibility[] {
    const known = this.#byReader.get(reader)?.get(writer)
    if (known !== undefined) return known
    const since = this.#compatible.length
    this.#compatible.push([reader, writer])
    this.#set(reader, writer, [])
    const findings = decide().slice(0, MAX_FINDINGS)
    if (findings.length > 0) {
      for (const [r, w] of this.#compatible.splice(since)) this.#byReader.get(r)?.delete(w)
      this.#set(reader, writer, findings)
    }
    return findings
  }

  /** The branches that could read the writer by their names: a wide union would be compared with each of another one's. */
  candidates(union: UnionSchema, writer: AvroSchema): readonly AvroSchema[] {
    let byName = this.#branches.get(union)
    if (byName === undefined) {
      byName = new Map()
      for (const branch of union.branches) byName.set(nameOf(branch), [...(byName.get(nameOf(branch)) ?? []), branch])
      this.#branches.set(union, byName)
    }
    const named = byName.get(nameOf(writer)) ?? []
    if (!('name' in writer)) return named
    const renamed = union.branches.filter((branch) => 'name' in branch && branch.aliases.includes(writer.name))
    return [...named, ...renamed]
  }

  #set(reader: AvroSchema, writer: AvroSchema, findings: readonly Incompatibility[]): void {
    const byWriter = this.#byReader.get(reader) ?? new Map<AvroSchema, readonly Incompatibility[]>()
    byWriter.set(writer, findings)
    this.#byReader.set(reader, byWriter)
  }
}

function check(reader: AvroSchema, writer: AvroSchema, verdicts: Verdicts): readonly Incompatibility[] {
  if (reader.type === 'union' && writer.type === 'union') {
    return writer.branches.flatMap((branch, index) =>
      check(reader, branch, verdicts).length === 0 ? [] : at(`/${index}`, [lackingBranch(reader, writer, branch)]),
    )
  }
  if (writer.type === 'union') return writer.branches.flatMap((branch) => check(reader, branch, verdicts))
  if (reader.type === 'union') {
    return verdicts.candidates(reader, writer).some((branch) => check(branch, writer, verdicts).length === 0)
      ? []
      : [lackingBranch(reader, writer, writer)]
  }
  if (reader.type === 'array' && writer.type === 'array')
    return at('/items', check(reader.items, writer.items, verdicts))
  if (reader.type === 'map' && writer.type === 'map')
    return at('/values', check(reader.values, writer.values, verdicts))
  if (reader.type === 'fixed' && writer.type === 'fixed') return [...names(reader, writer), ...sizes(reader, writer)]
  if (reader.type === 'enum' && writer.type === 'enum') return [...names(reader, writer), ...symbols(reader, writer)]
  if (reader.type === 'record' && writer.type === 'record') {
    return verdicts.of(reader, writer, () => [...names(reader, writer), ...fields(reader, writer, verdicts)])
  }
  if (reader.type === writer.type || PROMOTIONS[reader.type]?.includes(writer.type)) return []
  const message = `reader type: ${reader.type.toUpperCase()} not compatible with writer type: ${writer.type.toUpperCase()}`
  return [finding('TYPE_MISMATCH', message, '', reader, writer)]
}

/** Types without a name may all read each other by their names. */
function nameOf(schema: AvroSchema): string {
  return 'name' in schema ? schemaName.short(schema.name) : ''
}

function names(reader: NamedSchema, writer: NamedSchema): readonly Incompatibility[] {
  const matches =
    schemaName.short(reader.name) === schemaName.short(writer.name) || reader.aliases.includes(writer.name)
  return matches ? [] : [finding('NAME_MISMATCH', `expected: ${writer.name}`, '/name', reader, writer)]
}

function sizes(reader: FixedSchema, writer: FixedSchema): readonly Incompatibility[] {
  if (reader.size === writer.size) return []
  return [finding('FIXED_SIZE_MISMATCH', `expected: ${writer.size}, found: ${reader.size}`, '/size', reader, writer)]
}

function symbols(reader: EnumSchema, writer: EnumSchema): readonly Incompatibility[] {
  const known = new Set(reader.symbols)
  const missing = writer.symbols.filter((symbol) => !known.has(symbol)).sort()
  // An enum with a default reads every unknown symbol as that default.
  if (missing.length === 0 || reader.default !== undefined) return []
  return [finding('MISSING_ENUM_SYMBOLS', `[${missing.join(', ')}]`, '/symbols', reader, writer)]
}

function fields(reader: RecordSchema, writer: RecordSchema, verdicts: Verdicts): readonly Incompatibility[] {
  const written = new Map(writer.fields.map((field) => [field.name, field]))
  return reader.fields.flatMap((field, index) => {
    const path = `/fields/${index}`
    const matches = [field.name, ...field.aliases].flatMap((name) => written.get(name) ?? [])
    const [match, second] = matches
    if (match !== undefined && second !== undefined) {
      const message = `${field.name} matches ${matches.map((each) => each.name).join(' and ')} of the writer`
      return [finding('READER_FIELD_AMBIGUOUS', message, path, reader, writer)]
    }
    if (match !== undefined) return at(`${path}/type`, check(field.schema, match.schema, verdicts))
    return field.default === undefined ? [missingDefault(field, path, reader, writer)] : []
  })
}

function missingDefault(field: AvroField, path: string, reader: RecordSchema, writer: RecordSchema): Incompatibility {
  return finding('READER_FIELD_MISSING_DEFAULT_VALUE', field.name, path, reader, writer)
}

function lackingBranch(reader: AvroSchema, writer: AvroSchema, branch: AvroSchema): Incompatibility {
  const message = `reader union lacking writer type: ${branch.type.toUpperCase()}`
  return finding('MISSING_UNION_BRANCH', message, '', reader, writer)
}

function finding(
  type: IncompatibilityType,
  message: string,
  path: string,
  reader: AvroSchema,
  writer: AvroSchema,
): Incompatibility {
  return { type, message, path, reader, writer }
}

function at(prefix: string, findings: readonly Incompatibility[]): readonly Incompatibility[] {
  return findings.map((each) => ({ ...each, path: prefix + each.path }))
}
