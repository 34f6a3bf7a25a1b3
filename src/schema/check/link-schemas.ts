// Parses a set of schemas that name each other's types, one record a text. A schema that is whole by itself (as a registry
// keeps it) is parsed alone; else the others whose full name it mentions are parsed first. Circles of files end as problems.
import type { AvroSchema } from '../../../embedded/registry/compatibility/avro-schema.ts'
import type { ParsedSchema } from '../../../embedded/registry/compatibility/parse-schema.ts'
import { parseSchemaText } from '../../../embedded/registry/compatibility/parse-schema-text.ts'

export interface LinkableSchema {
  readonly text: string
  readonly references?: readonly string[]
}

/** The parsed schema or the problems of each, in the order given. */
export function linkSchemas(schemas: readonly LinkableSchema[]): readonly ParsedSchema[] {
  const byName = new Map<string, LinkableSchema>()
  for (const schema of schemas) {
    const name = nameOf(schema.text)
    if (name !== undefined) byName.set(name, schema)
  }
  const done = new Map<LinkableSchema, ParsedSchema>()
  const link = (schema: LinkableSchema, within: readonly LinkableSchema[]): ParsedSchema => {
    const known = done.get(schema)
    if (known !== undefined) return known
    const alone = parseAlone(schema)
    if (alone.ok || schema.references !== undefined) return remember(schema, alone)
    const needed = [...mentioned(schema.text)]
      .flatMap((name) => byName.get(name) ?? [])
      .filter((other) => other !== schema && !within.includes(other))
    if (needed.length === 0) return within.length > 0 ? alone : remember(schema, alone)
    const references = needed.flatMap((other) => schemaOf(link(other, [...within, schema])))
    return remember(schema, parseSchemaText(schema.text, { references }))
  }
  const remember = (schema: LinkableSchema, parsed: ParsedSchema): ParsedSchema => {
    done.set(schema, parsed)
    return parsed
  }
  return schemas.map((schema) => link(schema, []))
}

function parseAlone({ text, references = [] }: LinkableSchema): ParsedSchema {
  const known: AvroSchema[] = []
  for (const reference of references) {
    known.push(...schemaOf(parseSchemaText(reference, { references: known, checkDefaults: false })))
  }
  return parseSchemaText(text, { references: known })
}

function schemaOf(parsed: ParsedSchema): readonly AvroSchema[] {
  return parsed.ok ? [parsed.schema] : []
}

function nameOf(text: string): string | undefined {
  const { name, namespace } = (readJson(text) ?? {}) as { name?: unknown; namespace?: unknown }
  if (typeof name !== 'string') return undefined
  return name.includes('.') || typeof namespace !== 'string' || namespace === '' ? name : `${namespace}.${name}`
}

function mentioned(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  const json = readJson(text)
  const { namespace } = (json ?? {}) as { namespace?: unknown }
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      found.add(value)
      if (typeof namespace === 'string') found.add(`${namespace}.${value}`)
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit)
  }
  visit(json)
  return found
}

function readJson(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? json : undefined
  } catch {
    return undefined
  }
}
