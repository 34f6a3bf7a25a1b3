import { describe, expect, test } from 'vitest'
import type { CompatibilityLevel } from '../../../embedded/registry/compatibility/compatibility-levels.ts'
import { checkSchemas } from './check-schemas.ts'
import { formatFindings } from './format-findings.ts'

const text = (...fields: object[]): string =>
  JSON.stringify({ type: 'record', name: 'Rec', namespace: 'a', fields }, null, 2)
const file = (content: string, name = 'schemas/rec.avsc') => ({ file: name, text: content })
const from = (content: string, origin = 'main:schemas/rec.avsc') => ({ origin, text: content })
const id = { name: 'id', type: 'string' }
const amount = (more: object, type = 'bytes') => ({
  name: 'amount',
  type: { type, logicalType: 'decimal', precision: 9, ...more },
})
const time = (unit: string) => ({ name: 'time', type: { type: 'long', logicalType: `timestamp-${unit}` } })
const kind = (symbols: string[], more: object = {}) => ({
  name: 'kind',
  type: { type: 'enum', name: 'Kind', symbols, ...more },
})

const check = (level: CompatibilityLevel, now: string, before: string) =>
  checkSchemas({ current: [file(now)], baseline: [from(before)], level })
const rules = (...args: Parameters<typeof check>): string[] =>
  check(...args).map(({ rule, path, line }) => `${rule} ${path} ${line}`)

describe('changes', () => {
  test.each<[what: string, level: CompatibilityLevel, now: string, before: string, findings: string[]]>([
    ['nothing', 'FULL', text(id), text(id), []],
    ['a field with a default', 'FULL', text(id, { name: 'b', type: 'int', default: 0 }), text(id), []],
    [
      'a field without a default',
      'BACKWARD',
      text(id, { name: 'b', type: 'int' }),
      text(id),
      ['field-without-default /fields/1 10'],
    ],
    ['the same, where only old consumers count', 'FORWARD', text(id, { name: 'b', type: 'int' }), text(id), []],
    ['a field removed', 'FULL', text(id), text(id, { name: 'b', type: 'int' }), ['field-removed / 1']],
    ['a field removed that had a default', 'FULL', text(id), text(id, { name: 'b', type: 'int', default: 0 }), []],
    [
      'another type',
      'FULL',
      text({ name: 'id', type: 'int' }),
      text(id),
      ['type-changed /fields/0/type 8', 'type-changed /fields/0/type 8'],
    ],
    ['a type made wider', 'BACKWARD', text({ name: 'n', type: 'long' }), text({ name: 'n', type: 'int' }), []],
    [
      'the same for old consumers',
      'FORWARD',
      text(id, { name: 'n', type: 'long' }),
      text({ name: 'n', type: 'int' }, id),
      ['type-changed /fields/1/type 12'],
    ],
    [
      'a symbol added',
      'FORWARD',
      text(kind(['A', 'B'], { default: 'A' })),
      text(kind(['A'])),
      ['enum-symbols-added /fields/0/type/symbols 11'],
    ],
    [
      'a symbol removed',
      'BACKWARD',
      text(kind(['A'])),
      text(kind(['A', 'B'])),
      ['enum-symbols-removed /fields/0/type/symbols 11', 'enum-without-default /fields/0/type/symbols 11'],
    ],
    [
      'a field made nullable',
      'FULL',
      text({ name: 'id', type: ['null', 'string'] }),
      text(id),
      ['type-changed /fields/0/type 8'],
    ],
    [
      'a branch added',
      'FORWARD',
      text({ name: 'x', type: ['null', 'string', 'boolean'] }),
      text({ name: 'x', type: ['null', 'string'] }),
      ['union-branch-added /fields/0/type 8'],
    ],
    [
      'a branch removed',
      'BACKWARD',
      text({ name: 'x', type: ['null', 'string'] }),
      text({ name: 'x', type: ['null', 'boolean', 'string'] }),
      ['union-branch-removed /fields/0/type/1 10'],
    ],
    [
      'the scale of a decimal',
      'BACKWARD',
      text(amount({ scale: 4 })),
      text(amount({ scale: 2 })),
      ['decimal-changed /fields/0/type 8'],
    ],
    [
      'a scale where there was none',
      'BACKWARD',
      text(amount({ scale: 2 })),
      text(amount({})),
      ['decimal-changed /fields/0/type 8'],
    ],
    [
      'a smaller precision',
      'BACKWARD',
      text(amount({ precision: 5 })),
      text(amount({})),
      ['decimal-changed /fields/0/type 8'],
    ],
    ['a larger precision', 'BACKWARD', text(amount({ precision: 12 })), text(amount({})), []],
    [
      'the unit of a timestamp',
      'FULL',
      text(time('micros')),
      text(time('millis')),
      ['time-unit-changed /fields/0/type 8'],
    ],
    [
      'another logical type',
      'FULL',
      text({ name: 'time', type: 'long' }),
      text(time('millis')),
      ['logical-type-changed /fields/0/type 8'],
    ],
    [
      'a logical type inside a union',
      'BACKWARD',
      text({ name: 'time', type: ['null', time('micros').type] }),
      text({ name: 'time', type: ['null', time('millis').type] }),
      ['time-unit-changed /fields/0/type/1 10'],
    ],
    ['anything at level NONE', 'NONE', text({ name: 'id', type: 'int' }), text(id), []],
  ])('%s', (_, level, now, before, findings) => {
    expect(rules(level, now, before)).toEqual(findings)
  })

  test('says who breaks and what to do, as JSON and as text', () => {
    const findings = check('BACKWARD', text(id, { name: 'b', type: 'int' }), text(id))
    expect(JSON.parse(JSON.stringify(findings))).toEqual([
      {
        rule: 'field-without-default',
        severity: 'error',
        file: 'schemas/rec.avsc',
        line: 10,
        path: '/fields/1',
        message: 'the field "b" is new and has no default',
        breaks: 'old data: consumers with this schema cannot read events that were written before',
        fix: 'give the field a default (for one that may be absent: "type": ["null", …], "default": null), or, if it was renamed, add its old name to "aliases"',
        against: 'main:schemas/rec.avsc',
      },
    ])
    expect(formatFindings(findings)[0]).toBe(
      'schemas/rec.avsc:10  error  field-without-default  /fields/1  the field "b" is new and has no default (against main:schemas/rec.avsc)',
    )
    expect(formatFindings(findings)).toHaveLength(3)
  })
})

describe('a set of files', () => {
  const inner = JSON.stringify({
    type: 'record',
    name: 'Inner',
    namespace: 'a',
    fields: [{ name: 'n', type: 'long' }],
  })
  const uses = text({ name: 'middle', type: 'a.Inner' })

  test('files name each other, in any order', () => {
    const current = [file(uses), file(inner, 'schemas/inner.avsc')]
    const baseline = [from(uses), from(inner, 'main:schemas/inner.avsc')]
    expect(checkSchemas({ current, baseline, level: 'FULL' })).toEqual([])
  })

  test('a change in a file that others name is found in both, against a baseline that is whole by itself', () => {
    const whole = JSON.stringify({
      ...JSON.parse(uses),
      fields: [{ name: 'middle', type: JSON.parse(inner) as object }],
    })
    const current = [file(uses), file(inner.replace('"long"', '"string"'), 'schemas/inner.avsc')]
    const baseline = [from(whole, 'subject t-a.Rec version 4')]
    const findings = checkSchemas({ current, baseline, level: 'BACKWARD' })
    expect(findings.map(({ file: name, path, line, against }) => [name, path, line, against])).toEqual([
      ['schemas/rec.avsc', '/fields/0/type/fields/0/type', 8, 'subject t-a.Rec version 4'],
    ])
  })

  test('a record belongs to that of the same full name, wherever its file is', () => {
    const moved = file(text({ name: 'id', type: 'int' }), 'schemas/elsewhere.avsc')
    expect(checkSchemas({ current: [moved], baseline: [from(text(id))], level: 'BACKWARD' })).toHaveLength(1)
  })

  test('the same finding with several versions is one', () => {
    const now = file(text(id, { name: 'b', type: 'int' }))
    const baseline = [from(text(id), 'version 1'), from(text(id, { name: 'c', type: 'int' }), 'version 2')]
    expect(checkSchemas({ current: [now], baseline, level: 'BACKWARD_TRANSITIVE' })).toHaveLength(1)
  })

  test('a record that is gone is a warning', () => {
    const findings = checkSchemas({ current: [], baseline: [from(text(id))], level: 'BACKWARD' })
    expect(findings).toMatchObject([
      { rule: 'schema-removed', severity: 'warning', message: 'no file defines a.Rec any more' },
    ])
  })

  test('what cannot be parsed is an error in its place, and its record does not count as gone', () => {
    expect(rules('FULL', text({ name: 'id', type: 'nope' }), text(id))).toEqual(['invalid-schema /fields/0/type 8'])
    expect(rules('FULL', '{\n"type": ', text(id))).toEqual(['invalid-schema / 1'])
  })

  test('files that name each other in a circle end as a problem of each', () => {
    const one = JSON.stringify({ type: 'record', name: 'One', fields: [{ name: 'x', type: 'Two' }] })
    const two = JSON.stringify({ type: 'record', name: 'Two', fields: [{ name: 'x', type: 'One' }] })
    const findings = checkSchemas({ current: [file(one, '1'), file(two, '2')], baseline: [], level: 'FULL' })
    expect(findings.map(({ rule, file: name }) => [rule, name])).toEqual([
      ['invalid-schema', '1'],
      ['invalid-schema', '2'],
    ])
  })
})

describe('what a schema should not hold', () => {
  test.each<[unknown, string[]]>([
    [['string', 'bytes'], ['ambiguous-union /fields/0/type 8']],
    [['null', 'int', 'double'], ['ambiguous-union /fields/0/type 8']],
    [{ type: 'array', items: ['long', 'float'] }, ['ambiguous-union /fields/0/type/items 10']],
    [['null', 'string', 'long'], []],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, ['enum-without-default /fields/0/type/symbols 11']],
    [{ type: 'enum', name: 'E', symbols: ['A'], default: 'A' }, []],
  ])('%j', (type, findings) => {
    const current = [file(text({ name: 'x', type }))]
    expect(
      checkSchemas({ current, baseline: [], level: 'FULL' }).map(({ rule, path, line }) => `${rule} ${path} ${line}`),
    ).toEqual(findings)
  })

  test('a type of another file is reported there only', () => {
    const kindFile = JSON.stringify({ type: 'enum', name: 'a.Kind', symbols: ['A'] })
    const current = [file(text({ name: 'kind', type: 'a.Kind' })), file(kindFile, 'schemas/kind.avsc')]
    const findings = checkSchemas({ current, baseline: [], level: 'FULL' })
    expect(findings.map(({ rule, file: name }) => [rule, name])).toEqual([
      ['enum-without-default', 'schemas/kind.avsc'],
    ])
  })
})
