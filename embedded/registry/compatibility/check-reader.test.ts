import { describe, expect, test } from 'vitest'
import type { AvroSchema } from './avro-schema.ts'
import { checkReader } from './check-reader.ts'
import { parseSchema } from './parse-schema.ts'

const parse = (json: unknown): AvroSchema => {
  const parsed = parseSchema(json)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.schema
}
const record = (fields: unknown[], more: object = {}) => ({ type: 'record', name: 'R', fields, ...more })
const field = (type: unknown, more: object = {}) => ({ name: 'f', type, ...more })
const enumOf = (symbols: string[], more: object = {}) => ({ type: 'enum', name: 'E', symbols, ...more })
const array = (items: unknown) => ({ type: 'array', items })
const map = (values: unknown) => ({ type: 'map', values })
const fixed = (size: number, name = 'F', more: object = {}) => ({ type: 'fixed', name, size, ...more })
const list = (item: unknown, more: object = {}) => ({
  type: 'record',
  name: 'List',
  fields: [
    { name: 'head', type: item },
    { name: 'tail', type: ['null', 'List'] },
  ],
  ...more,
})

// [what, reader, writer]
const compatible: [string, unknown, unknown][] = [
  ...['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'].map(
    (type): [string, unknown, unknown] => [`${type} reads itself`, type, type],
  ),
  ['long reads int', 'long', 'int'],
  ['float reads int', 'float', 'int'],
  ['float reads long', 'float', 'long'],
  ['double reads int', 'double', 'int'],
  ['double reads long', 'double', 'long'],
  ['double reads float', 'double', 'float'],
  ['string reads bytes', 'string', 'bytes'],
  ['bytes reads string', 'bytes', 'string'],
  ['array items are promoted', array('long'), array('int')],
  ['map values are promoted', map('double'), map('float')],
  ['the same fixed', fixed(4), fixed(4)],
  ['a fixed renamed with an alias', fixed(4, 'New', { aliases: ['F'] }), fixed(4)],
  ['a namespace changed', { ...fixed(4), namespace: 'a' }, { ...fixed(4), namespace: 'b' }],
  ['an enum that grew', enumOf(['A', 'B', 'C']), enumOf(['A', 'B'])],
  ['an enum in another order', enumOf(['B', 'A']), enumOf(['A', 'B'])],
  ['an enum that shrank and has a default', enumOf(['A'], { default: 'A' }), enumOf(['A', 'B'])],
  ['a field dropped', record([]), record([field('int')])],
  ['a field added with a default', record([field('int', { default: 0 })]), record([])],
  ['a nullable field added with a default', record([field(['null', 'int'], { default: null })]), record([])],
  [
    'fields in another order',
    record([field('int'), { name: 'g', type: 'int' }]),
    record([{ name: 'g', type: 'int' }, field('int')]),
  ],
  ['a field renamed with an alias', record([{ name: 'g', type: 'int', aliases: ['f'] }]), record([field('int')])],
  ['a field made wider', record([field('double')]), record([field('int')])],
  ['a field made nullable', record([field(['null', 'int'])]), record([field('int')])],
  ['a record renamed with an alias', record([], { name: 'S', aliases: ['R'] }), record([])],
  [
    'a record renamed with a full alias',
    record([], { name: 'S', aliases: ['com.a.R'] }),
    record([], { namespace: 'com.a' }),
  ],
  ['a default added', record([field('int', { default: 1 })]), record([field('int')])],
  ['a default removed', record([field('int')]), record([field('int', { default: 1 })])],
  ['a type into a union', ['int', 'string'], 'string'],
  ['a union that grew', ['int', 'string', 'null'], ['string', 'int']],
  ['a union into a type that reads each branch', 'double', ['int', 'float']],
  ['a union read by promotion', ['double', 'bytes'], ['int', 'string']],
  ['an empty union is read by anything', 'string', []],
  ['an empty union read by an empty union', [], []],
  ['nested records', record([field(array(map(enumOf(['A', 'B']))))]), record([field(array(map(enumOf(['A']))))])],
  ['a recursive type', list('int'), list('int')],
  ['a recursive type made wider', list('long'), list('int')],
  ['a logical type added', { type: 'long', logicalType: 'timestamp-millis' }, 'long'],
  [
    'a logical type of another unit (Avro does not look)',
    { type: 'long', logicalType: 'timestamp-micros' },
    { type: 'long', logicalType: 'timestamp-millis' },
  ],
]

// [what, reader, writer, [type, message, path] of each finding, in order]
const incompatible: [string, unknown, unknown, [string, string, string][]][] = [
  ['null reads int', 'null', 'int', [['TYPE_MISMATCH', 'reader type: NULL not compatible with writer type: INT', '/']]],
  [
    'boolean reads int',
    'boolean',
    'int',
    [['TYPE_MISMATCH', 'reader type: BOOLEAN not compatible with writer type: INT', '/']],
  ],
  ['int reads long', 'int', 'long', [['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: LONG', '/']]],
  ['int reads null', 'int', 'null', [['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: NULL', '/']]],
  [
    'long reads float',
    'long',
    'float',
    [['TYPE_MISMATCH', 'reader type: LONG not compatible with writer type: FLOAT', '/']],
  ],
  [
    'float reads double',
    'float',
    'double',
    [['TYPE_MISMATCH', 'reader type: FLOAT not compatible with writer type: DOUBLE', '/']],
  ],
  [
    'double reads string',
    'double',
    'string',
    [['TYPE_MISMATCH', 'reader type: DOUBLE not compatible with writer type: STRING', '/']],
  ],
  [
    'string reads int',
    'string',
    'int',
    [['TYPE_MISMATCH', 'reader type: STRING not compatible with writer type: INT', '/']],
  ],
  [
    'bytes reads fixed',
    'bytes',
    fixed(4),
    [['TYPE_MISMATCH', 'reader type: BYTES not compatible with writer type: FIXED', '/']],
  ],
  [
    'map reads array',
    map('int'),
    array('int'),
    [['TYPE_MISMATCH', 'reader type: MAP not compatible with writer type: ARRAY', '/']],
  ],
  [
    'map reads record',
    map('int'),
    record([]),
    [['TYPE_MISMATCH', 'reader type: MAP not compatible with writer type: RECORD', '/']],
  ],
  [
    'enum reads string',
    enumOf(['A']),
    'string',
    [['TYPE_MISMATCH', 'reader type: ENUM not compatible with writer type: STRING', '/']],
  ],
  [
    'array items',
    array('int'),
    array('long'),
    [['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: LONG', '/items']],
  ],
  [
    'map values',
    map('int'),
    map('long'),
    [['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: LONG', '/values']],
  ],
  ['a fixed of another size', fixed(8), fixed(4), [['FIXED_SIZE_MISMATCH', 'expected: 4, found: 8', '/size']]],
  [
    'a fixed of another name and size',
    fixed(8, 'G'),
    fixed(4),
    [
      ['NAME_MISMATCH', 'expected: F', '/name'],
      ['FIXED_SIZE_MISMATCH', 'expected: 4, found: 8', '/size'],
    ],
  ],
  [
    'an enum that lost symbols',
    enumOf(['B']),
    enumOf(['C', 'B', 'A']),
    [['MISSING_ENUM_SYMBOLS', '[A, C]', '/symbols']],
  ],
  [
    'a default in the writer only does not help',
    enumOf(['A']),
    enumOf(['A', 'B'], { default: 'A' }),
    [['MISSING_ENUM_SYMBOLS', '[B]', '/symbols']],
  ],
  ['an enum renamed', enumOf(['A'], { name: 'X' }), enumOf(['A']), [['NAME_MISMATCH', 'expected: E', '/name']]],
  [
    'a record renamed',
    record([], { name: 'S' }),
    record([], { namespace: 'com.a' }),
    [['NAME_MISMATCH', 'expected: com.a.R', '/name']],
  ],
  [
    'an alias of another namespace',
    record([], { name: 'S', namespace: 'b', aliases: ['R'] }),
    record([], { namespace: 'a' }),
    [['NAME_MISMATCH', 'expected: a.R', '/name']],
  ],
  [
    'a field added without a default',
    record([field('int')]),
    record([]),
    [['READER_FIELD_MISSING_DEFAULT_VALUE', 'f', '/fields/0']],
  ],
  [
    'a nullable field added without a default',
    record([field(['null', 'int'])]),
    record([]),
    [['READER_FIELD_MISSING_DEFAULT_VALUE', 'f', '/fields/0']],
  ],
  [
    'an enum default is no field default',
    record([field(enumOf(['A'], { default: 'A' }))]),
    record([]),
    [['READER_FIELD_MISSING_DEFAULT_VALUE', 'f', '/fields/0']],
  ],
  [
    'a field renamed without an alias',
    record([{ name: 'g', type: 'int' }]),
    record([field('int')]),
    [['READER_FIELD_MISSING_DEFAULT_VALUE', 'g', '/fields/0']],
  ],
  [
    'a field that matches two by alias',
    record([field('int', { aliases: ['g'] })]),
    record([field('int'), { name: 'g', type: 'int' }]),
    [['READER_FIELD_AMBIGUOUS', 'f matches f and g of the writer', '/fields/0']],
  ],
  [
    'a field of another type',
    record([field('int')]),
    record([field('string')]),
    [['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: STRING', '/fields/0/type']],
  ],
  [
    'nullable no more',
    record([field('int')]),
    record([field(['null', 'int'])]),
    [['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: NULL', '/fields/0/type']],
  ],
  [
    'a union that lost a branch',
    ['int', 'null'],
    ['null', 'string', 'int', 'boolean'],
    [
      ['MISSING_UNION_BRANCH', 'reader union lacking writer type: STRING', '/1'],
      ['MISSING_UNION_BRANCH', 'reader union lacking writer type: BOOLEAN', '/3'],
    ],
  ],
  [
    'a type that is no branch',
    ['int', 'null'],
    'string',
    [['MISSING_UNION_BRANCH', 'reader union lacking writer type: STRING', '/']],
  ],
  ['an empty union reads nothing', [], 'int', [['MISSING_UNION_BRANCH', 'reader union lacking writer type: INT', '/']]],
  [
    'an array of two unions',
    array(['int']),
    array(['int', 'string']),
    [['MISSING_UNION_BRANCH', 'reader union lacking writer type: STRING', '/items/1']],
  ],
  [
    'deep inside',
    record([field(array(map(record([field('int')], { name: 'In' }))))]),
    record([field(array(map(record([field('string')], { name: 'In' }))))]),
    [
      [
        'TYPE_MISMATCH',
        'reader type: INT not compatible with writer type: STRING',
        '/fields/0/type/items/values/fields/0/type',
      ],
    ],
  ],
  [
    'a recursive type of another item',
    list('int'),
    list('string'),
    [['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: STRING', '/fields/0/type']],
  ],
  [
    'several, in the order of the fields',
    record([
      { name: 'a', type: 'int' },
      { name: 'b', type: fixed(2) },
      { name: 'c', type: enumOf(['A']) },
      { name: 'd', type: 'int' },
    ]),
    record([
      { name: 'c', type: enumOf(['B']) },
      { name: 'b', type: fixed(3) },
      { name: 'a', type: 'long' },
    ]),
    [
      ['TYPE_MISMATCH', 'reader type: INT not compatible with writer type: LONG', '/fields/0/type'],
      ['FIXED_SIZE_MISMATCH', 'expected: 3, found: 2', '/fields/1/type/size'],
      ['MISSING_ENUM_SYMBOLS', '[B]', '/fields/2/type/symbols'],
      ['READER_FIELD_MISSING_DEFAULT_VALUE', 'd', '/fields/3'],
    ],
  ],
]

describe('a reader that reads what was written', () => {
  test.each(compatible)('%s', (_, reader, writer) => {
    expect(checkReader(parse(reader), parse(writer))).toEqual([])
  })
})

describe('a reader that fails', () => {
  test.each(incompatible)('%s', (_, reader, writer, findings) => {
    expect(checkReader(parse(reader), parse(writer)).map(({ type, message, path }) => [type, message, path])).toEqual(
      findings,
    )
  })

  test('names the two parts that differ', () => {
    const [finding] = checkReader(parse(record([field('int')])), parse(record([field('string')])))
    expect(finding).toMatchObject({ reader: { type: 'int' }, writer: { type: 'string' } })
  })
})

describe('recursive types', () => {
  // A is compatible with the writer's A only if B is; B is tried first inside a union, while A counts as compatible.
  const node = (extra: unknown[]) => ({
    type: 'record',
    name: 'A',
    fields: [
      { name: 'b', type: ['null', { type: 'record', name: 'B', fields: [{ name: 'a', type: ['null', 'A'] }] }] },
      ...extra,
    ],
  })

  test('a verdict reached under a wrong assumption is not kept', () => {
    const reader = parse(
      record([field(['null', node([{ name: 'x', type: 'int' }])]), { name: 'g', type: ['null', 'B'] }]),
    )
    const writer = parse(record([field(['null', node([])]), { name: 'g', type: ['null', 'B'] }]))
    expect(checkReader(reader, writer).map(({ type, path }) => [type, path])).toEqual([
      ['MISSING_UNION_BRANCH', '/fields/0/type/1'],
      ['MISSING_UNION_BRANCH', '/fields/1/type/1'],
    ])
  })

  test('types that share types do not repeat a finding without end', () => {
    const tower = (leaf: string) =>
      Array.from({ length: 20 }).reduce<unknown>(
        (inner, _, level) => ({
          type: 'record',
          name: `T${level}`,
          fields: [
            { name: 'l', type: inner },
            { name: 'r', type: level === 0 ? leaf : `T${level - 1}` },
          ],
        }),
        leaf,
      )
    expect(checkReader(parse(tower('int')), parse(tower('string')))).toHaveLength(100)
  })
})

test('an enum and a union as wide as a request can carry are checked in a moment', () => {
  const symbols = Array.from({ length: 60_000 }, (_, index) => `S${index}`)
  expect(checkReader(parse(enumOf([...symbols, 'NEW'])), parse(enumOf(symbols)))).toEqual([])
  const records = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ type: 'record', name: `R${index}`, fields: [field('int')] }))
  expect(checkReader(parse(records(1501)), parse(records(1500)))).toEqual([])
  expect(checkReader(parse(records(1500)), parse(records(1501)))).toMatchObject([{ type: 'MISSING_UNION_BRANCH' }])
})
