import { expect, test } from 'vitest'
import type { AvroSchema } from './avro-schema.ts'
import { checkCompatibility } from './check-compatibility.ts'
import type { CompatibilityLevel } from './compatibility-levels.ts'
import { parseSchema } from './parse-schema.ts'

const record = (...fields: object[]): AvroSchema => {
  const parsed = parseSchema({ type: 'record', name: 'R', fields })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.schema
}
const a = { name: 'a', type: 'int' }
const b = { name: 'b', type: 'int' }
const bDefault = { name: 'b', type: 'int', default: 0 }

// Version 1 has no b; version 2 has b with a default; the new schema requires b.
const earlier = [
  { version: 1, schema: record(a) },
  { version: 2, schema: record(a, bDefault) },
]

test.each<[CompatibilityLevel, AvroSchema, [string, number][]]>([
  ['NONE', record({ name: 'z', type: 'string' }), []],
  ['BACKWARD', record(a, b), []],
  ['BACKWARD_TRANSITIVE', record(a, b), [['BACKWARD', 1]]],
  ['FORWARD', record(bDefault), [['FORWARD', 2]]],
  ['FORWARD', record(a), []],
  [
    'FORWARD_TRANSITIVE',
    record(b),
    [
      ['FORWARD', 2],
      ['FORWARD', 1],
    ],
  ],
  ['FULL', record(a), []],
  ['FULL', record(b), [['FORWARD', 2]]],
  [
    'FULL_TRANSITIVE',
    record(b),
    [
      ['FORWARD', 2],
      ['BACKWARD', 1],
      ['FORWARD', 1],
    ],
  ],
  ['FULL_TRANSITIVE', record(a, bDefault), []],
])('%s, case %#: direction and version of each finding', (level, schema, expected) => {
  expect(checkCompatibility(level, schema, earlier).map(({ direction, version }) => [direction, version])).toEqual(
    expected,
  )
})

test('with no earlier version everything is compatible', () => {
  expect(checkCompatibility('FULL_TRANSITIVE', record(a), [])).toEqual([])
})
