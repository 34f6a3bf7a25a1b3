// What Avro's rules let through although the value changes its meaning: the logical type of a number or of bytes. A decimal of
// another scale is off by powers of ten, a timestamp of another unit by thousands, and nothing fails.
import type {
  AvroField,
  AvroSchema,
  JsonObject,
  RecordSchema,
} from '../../../embedded/registry/compatibility/avro-schema.ts'
import type { SchemaRule } from './schema-finding.ts'

export interface LogicalTypeChange {
  readonly rule: Extract<SchemaRule, 'decimal-changed' | 'time-unit-changed' | 'logical-type-changed'>
  /** In the present schema. */
  readonly path: string
  readonly message: string
}

/** The changes of logical types wherever both schemas have the same place. */
export function compareLogicalTypes(now: AvroSchema, before: AvroSchema): readonly LogicalTypeChange[] {
  return compare(now, before, '', new Set())
}

function compare(
  now: AvroSchema,
  before: AvroSchema,
  path: string,
  seen: Set<AvroSchema>,
): readonly LogicalTypeChange[] {
  if (now.type === 'union' || before.type === 'union') {
    const branches = now.type === 'union' ? now.branches : [now]
    const earlier = before.type === 'union' ? before.branches : [before]
    return branches.flatMap((branch, index) => {
      const match = earlier.find((each) => keyOf(each) === keyOf(branch))
      const at = now.type === 'union' ? `${path}/${index}` : path
      return match === undefined ? [] : compare(branch, match, at, seen)
    })
  }
  if (now.type === 'array' && before.type === 'array') return compare(now.items, before.items, `${path}/items`, seen)
  if (now.type === 'map' && before.type === 'map') return compare(now.values, before.values, `${path}/values`, seen)
  if (now.type === 'record' && before.type === 'record') {
    if (seen.has(now)) return []
    seen.add(now)
    return now.fields.flatMap((field, index) => {
      const match = earlierField(field, before)
      return match === undefined ? [] : compare(field.schema, match.schema, `${path}/fields/${index}/type`, seen)
    })
  }
  const change = changeOf(now.props, before.props)
  return change === undefined ? [] : [{ ...change, path: path === '' ? '/' : path }]
}

function earlierField({ name, aliases }: AvroField, before: RecordSchema): AvroField | undefined {
  return (
    before.fields.find((field) => field.name === name) ?? before.fields.find((field) => aliases.includes(field.name))
  )
}

function changeOf(now: JsonObject, before: JsonObject): Omit<LogicalTypeChange, 'path'> | undefined {
  const [type, earlier] = [now['logicalType'], before['logicalType']].map(asText)
  if (type === undefined || earlier === undefined) return undefined
  if (type === 'decimal' && earlier === 'decimal') {
    const [scale, earlierScale] = [now, before].map((props) => asText(props['scale'] ?? 0))
    if (scale !== earlierScale) {
      return { rule: 'decimal-changed', message: `the scale of the decimal is ${scale} and was ${earlierScale}` }
    }
    const [precision, earlierPrecision] = [now, before].map((props) => Number(props['precision']))
    if (precision === undefined || earlierPrecision === undefined || !(precision < earlierPrecision)) return undefined
    return {
      rule: 'decimal-changed',
      message: `the precision of the decimal is ${precision} and was ${earlierPrecision}: larger values exist`,
    }
  }
  if (type === earlier) return undefined
  const isUnit = UNIT.test(type) && type.replace(UNIT, '') === earlier.replace(UNIT, '')
  return isUnit
    ? { rule: 'time-unit-changed', message: `the unit is ${type} and was ${earlier}` }
    : { rule: 'logical-type-changed', message: `the logical type is ${type} and was ${earlier}` }
}

const UNIT = /-(millis|micros|nanos)$/

function keyOf(schema: AvroSchema): string {
  return 'name' in schema ? schema.name : schema.type
}

function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'none'
}
