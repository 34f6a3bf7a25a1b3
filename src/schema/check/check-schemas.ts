// Checks the schemas of a project against those of before: Avro's compatibility rules at a level, changes that Avro lets
// through although values change their meaning, and what a schema should not hold even alone. Schemas of before and of now
// belong together by the full name of their record, so a file may be moved. Pure: files and baseline are arguments.
import type { AvroSchema } from '../../../embedded/registry/compatibility/avro-schema.ts'
import { canonicalText } from '../../../embedded/registry/compatibility/canonical-text.ts'
import { checkCompatibility } from '../../../embedded/registry/compatibility/check-compatibility.ts'
import type { CompatibilityLevel } from '../../../embedded/registry/compatibility/compatibility-levels.ts'
import { compareLogicalTypes } from './compare-logical-types.ts'
import { explainIncompatibility } from './explain-incompatibility.ts'
import { lineOfPointer } from './line-of-pointer.ts'
import { linkSchemas } from './link-schemas.ts'
import { lintSchema } from './lint-schema.ts'
import type { BaselineSchema, SchemaFile, SchemaFinding } from './schema-finding.ts'
import { translatePath } from './translate-path.ts'

export interface CheckSchemasOptions {
  readonly current: readonly SchemaFile[]
  /** Every version that counts: for a level that is transitive all of them, else the latest of each record. */
  readonly baseline: readonly BaselineSchema[]
  readonly level: CompatibilityLevel
}

/** All findings, by file in the order given, errors in Avro's order first. Same findings with several baselines are one. */
export function checkSchemas({ current, baseline, level }: CheckSchemasOptions): readonly SchemaFinding[] {
  const earlier = linkSchemas(baseline).map((parsed, index) => ({ parsed, from: baseline[index] }))
  const now = linkSchemas(current)
  const defined = now.flatMap((parsed) => (parsed.ok && 'name' in parsed.schema ? [parsed.schema.name] : []))
  const findings = current.flatMap((file, index) => {
    const parsed = now[index]
    if (parsed === undefined) return []
    if (!parsed.ok) return parsed.problems.map((problem) => invalid(file, problem.path, problem.message))
    const { schema } = parsed
    const name = nameOf(schema)
    const compared = earlier.flatMap(({ parsed: before, from }) =>
      from !== undefined && before.ok && nameOf(before.schema) === name
        ? compare(file, schema, before.schema, from.origin, level)
        : [],
    )
    const elsewhere = new Set(defined.filter((each) => each !== name))
    const alone = lintSchema(schema, elsewhere).map((finding) => locate(file, finding))
    return [...distinct(compared), ...alone]
  })
  if (level === 'NONE') return findings
  return [
    ...findings,
    ...removed(
      earlier,
      new Set(defined),
      now.some((parsed) => !parsed.ok),
    ),
  ]
}

function compare(
  file: SchemaFile,
  now: AvroSchema,
  before: AvroSchema,
  against: string,
  level: CompatibilityLevel,
): readonly SchemaFinding[] {
  if (level === 'NONE' || canonicalText(now) === canonicalText(before)) return []
  const incompatible = checkCompatibility(level, now, [{ version: 1, schema: before }]).map((finding) => {
    const path = finding.direction === 'BACKWARD' ? finding.path : translatePath(finding.path, before, now)
    return locate(file, { ...explainIncompatibility(finding), severity: 'error' as const, path, against })
  })
  const changed = compareLogicalTypes(now, before).map((change) =>
    locate(file, {
      ...change,
      severity: 'error' as const,
      breaks: 'old data and old consumers: the value is read with another meaning, and nothing fails',
      fix: 'keep the logical type; add a new field with a default beside this one',
      against,
    }),
  )
  return [...incompatible, ...changed]
}

// A record that nobody defines any more; not asked where a file could not be parsed, for it may be the one.
function removed(
  earlier: readonly { parsed: ReturnType<typeof linkSchemas>[number]; from: BaselineSchema | undefined }[],
  defined: ReadonlySet<string>,
  isUncertain: boolean,
): readonly SchemaFinding[] {
  if (isUncertain) return []
  const missing = new Map<string, BaselineSchema>()
  for (const { parsed, from } of earlier) {
    const name = parsed.ok ? nameOf(parsed.schema) : undefined
    if (name !== undefined && from !== undefined && !defined.has(name)) missing.set(name, from)
  }
  return [...missing].map(([name, { origin }]) => ({
    rule: 'schema-removed',
    severity: 'warning',
    file: origin,
    line: 1,
    path: '/',
    message: `no file defines ${name} any more`,
    breaks: 'old data: events of this type that are on a topic have no schema to be read with here',
    fix: 'keep the file while events of this type may be read or replayed',
    against: origin,
  }))
}

function invalid(file: SchemaFile, path: string, message: string): SchemaFinding {
  return locate(file, {
    rule: 'invalid-schema',
    severity: 'error',
    path,
    message,
    breaks: 'everyone: the schema cannot be used',
    fix: 'correct the schema at this place',
  })
}

function locate(file: SchemaFile, finding: Omit<SchemaFinding, 'file' | 'line'>): SchemaFinding {
  const { rule, severity, path, message, breaks, fix, against } = finding
  const line = lineOfPointer(file.text, path)
  return {
    rule,
    severity,
    file: file.file,
    line,
    path,
    message,
    breaks,
    fix,
    ...(against !== undefined && { against }),
  }
}

function distinct(findings: readonly SchemaFinding[]): readonly SchemaFinding[] {
  const byKey = new Map<string, SchemaFinding>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.rule, finding.path, finding.message, finding.breaks])
    if (!byKey.has(key)) byKey.set(key, finding)
  }
  return [...byKey.values()]
}

function nameOf(schema: AvroSchema): string | undefined {
  return 'name' in schema ? schema.name : undefined
}
