// What a schema should not hold even alone: unions whose branches readers can mistake for one another, and enums that cannot
// grow. A type is looked at where it is defined, so a type of another file is found once, in its own.
import type { AvroSchema, UnionSchema } from '../../../embedded/registry/compatibility/avro-schema.ts'
import type { Explanation } from './explain-incompatibility.ts'
import type { SchemaFinding } from './schema-finding.ts'

export interface LintFinding extends Explanation, Pick<SchemaFinding, 'severity' | 'path'> {}

/** @param elsewhere full names of types that other files define, which are not looked at here */
export function lintSchema(schema: AvroSchema, elsewhere: ReadonlySet<string> = new Set()): readonly LintFinding[] {
  return lint(schema, '', new Set(elsewhere))
}

function lint(schema: AvroSchema, path: string, seen: Set<string>): readonly LintFinding[] {
  if (schema.type === 'array') return lint(schema.items, `${path}/items`, seen)
  if (schema.type === 'map') return lint(schema.values, `${path}/values`, seen)
  if (schema.type === 'union') {
    return [
      ...ambiguities(schema, path),
      ...schema.branches.flatMap((branch, index) => lint(branch, `${path}/${index}`, seen)),
    ]
  }
  if (!('name' in schema) || seen.has(schema.name)) return []
  seen.add(schema.name)
  if (schema.type === 'record') {
    return schema.fields.flatMap((field, index) => lint(field.schema, `${path}/fields/${index}/type`, seen))
  }
  if (schema.type !== 'enum' || schema.default !== undefined) return []
  return [
    {
      rule: 'enum-without-default',
      severity: 'warning',
      path: `${path}/symbols`,
      message: `the enum ${schema.name} has no default`,
      breaks: 'old consumers: a symbol that is added later stops every one that does not know it',
      fix: 'give the enum a "default", a symbol like UNKNOWN for those that a consumer does not know',
    },
  ]
}

// Each row holds types that a reader can resolve into one another: one that takes the first branch that fits, instead of the
// branch that was written, decodes bytes as text or a long as a rounded double.
const MISTAKEN: readonly (readonly string[])[] = [
  ['string', 'bytes'],
  ['int', 'long', 'float', 'double'],
]

function ambiguities(union: UnionSchema, path: string): readonly LintFinding[] {
  return MISTAKEN.flatMap((row) => {
    const branches = union.branches.map(({ type }) => type).filter((type) => row.includes(type))
    if (branches.length < 2) return []
    return [
      {
        rule: 'ambiguous-union',
        severity: 'error',
        path: path === '' ? '/' : path,
        message: `the union holds ${branches.join(' and ')}, which readers resolve into one another`,
        breaks: 'new data: a reader may take the first branch that fits and silently change the value',
        fix: 'use one of the types, or a field for each',
      } as const,
    ]
  })
}
