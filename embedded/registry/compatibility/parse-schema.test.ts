import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalText } from './canonical-text.ts'
import { normalisedText } from './normalised-text.ts'
import { parseSchema } from './parse-schema.ts'
import { parseSchemaText } from './parse-schema-text.ts'

const record = (...fields: unknown[]) => ({ type: 'record', name: 'R', fields })
const field = (type: unknown, more: object = {}) => ({ name: 'f', type, ...more })

const problemsOf = (json: unknown): string[] => {
  const parsed = parseSchema(json)
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`)
}
const printed = (json: unknown): string => {
  const parsed = parseSchema(json)
  return parsed.ok ? canonicalText(parsed.schema) : JSON.stringify(parsed.problems)
}

describe('refused', () => {
  test.each<[string, unknown, string[]]>([
    [
      'a type that is unknown',
      'strin',
      ['/: unknown type "strin": define it before it is used, or name it in the references'],
    ],
    ['a number', 5, ['/: expected a type: a name, an object or an array of branches']],
    ['no type', {}, ['/: needs a "type" that is a string']],
    [
      'a complex type where a name stands',
      record(field('array', { items: 'int' })),
      ['/fields/0/type: "array" needs an object of its own here: { "type": "array", … }'],
    ],
    [
      'an array without items',
      { type: 'array' },
      ['/items: expected a type: a name, an object or an array of branches'],
    ],
    ['a name that is no name', { ...record(), name: '2x' }, ['/name: "2x" is no valid name']],
    ['no name', { type: 'record', fields: [] }, ['/name: nothing is no valid name']],
    [
      'a primitive as name',
      { ...record(), name: 'string' },
      ['/name: a type may not be named like the primitive "string"'],
    ],
    ['a namespace that is none', { ...record(), namespace: 'a..b' }, ['/namespace: "a..b" is no valid namespace']],
    ['a record without fields', { type: 'record', name: 'R' }, ['/fields: a record needs an array of "fields"']],
    [
      'a field without a type',
      record({ name: 'f' }),
      ['/fields/0/type: expected a type: a name, an object or an array of branches'],
    ],
    ['a field twice', record(field('int'), field('int')), ['/fields/1/name: the record already has a field "f"']],
    [
      'a field name with a dash',
      record({ name: 'a-b', type: 'int' }),
      ['/fields/0/name: "a-b" is no valid field name'],
    ],
    [
      'a type defined twice',
      record(field({ type: 'fixed', name: 'R', size: 1 })),
      ['/fields/0/type/name: "R" is already defined'],
    ],
    [
      'a type used before it is defined',
      record(field('Late'), { name: 'g', type: { type: 'fixed', name: 'Late', size: 1 } }),
      ['/fields/0/type: unknown type "Late": define it before it is used, or name it in the references'],
    ],
    ['a union in a union', ['int', ['null']], ['/1: a union may not hold another union directly']],
    ['a branch twice', ['int', 'null', 'int'], ['/2: "int" is already a branch of this union']],
    [
      'two arrays in a union',
      [
        { type: 'array', items: 'int' },
        { type: 'array', items: 'string' },
      ],
      ['/1: "array" is already a branch of this union'],
    ],
    ['a symbol twice', { type: 'enum', name: 'E', symbols: ['A', 'A'] }, ['/symbols/1: the symbol "A" is there twice']],
    [
      'a symbol that is no name',
      { type: 'enum', name: 'E', symbols: ['A B'] },
      ['/symbols/0: "A B" is no valid symbol'],
    ],
    [
      'an enum default that is no symbol',
      { type: 'enum', name: 'E', symbols: ['A'], default: 'B' },
      ['/default: the default "B" is none of the symbols'],
    ],
    ['a negative size', { type: 'fixed', name: 'F', size: -1 }, ['/size: "size" must be a whole number, 0 or more']],
    [
      'an alias that is no name',
      { ...record(), aliases: ['a b'] },
      ['/aliases: "aliases" must be an array of valid names'],
    ],
    [
      'an order that is none',
      record(field('int', { order: 'up' })),
      ['/fields/0/order: "order" must be ascending, descending or ignore'],
    ],
    [
      'several problems at once',
      record({ name: '1', type: 'x' }, field('int', { default: 'a' })),
      [
        '/fields/0/name: "1" is no valid field name',
        '/fields/0/type: unknown type "x": define it before it is used, or name it in the references',
        '/fields/1/default: the default does not fit the type: expected a whole number of 32 bits, found "a"',
      ],
    ],
  ])('%s', (_, json, problems) => {
    expect(problemsOf(json)).toEqual(problems)
  })

  test('text that is no JSON, and JSON nested too deep', () => {
    expect(parseSchemaText('{')).toMatchObject({ ok: false, problems: [{ path: '/' }] })
    const deep = '{"type":"array","items":'.repeat(5_000) + '"int"' + '}'.repeat(5_000)
    expect(parseSchemaText(deep)).toEqual({
      ok: false,
      problems: [{ path: '/', message: 'nested more than 200 levels deep' }],
    })
  })

  test('a default that holds itself ends as a problem, not as a stack overflow', () => {
    const problems = problemsOf(record({ name: 'a', type: 'R', default: {} }, { name: 'b', type: 'R', default: {} }))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('the default never ends')
  })
})

describe('defaults', () => {
  const nested = {
    type: 'record',
    name: 'N',
    fields: [
      { name: 'x', type: 'int' },
      { name: 'y', type: 'int', default: 2 },
    ],
  }
  test.each<[unknown, unknown]>([
    ['null', null],
    ['boolean', false],
    ['int', -2147483648],
    ['long', 9007199254740991],
    ['float', 1.5],
    ['double', 1],
    ['string', ''],
    ['bytes', 'ÿ\u0000'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'ab'],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'A'],
    [{ type: 'array', items: 'int' }, [1]],
    [{ type: 'map', values: 'int' }, { a: 1 }],
    [['null', 'int'], null],
    [['null', 'int'], 3],
    [nested, { x: 1 }],
  ])('%j accepts %j', (type, value) => {
    expect(problemsOf(record(field(type, { default: value })))).toEqual([])
  })

  test.each<[unknown, unknown]>([
    ['null', 0],
    ['boolean', 'true'],
    ['int', 2147483648],
    ['int', 1.5],
    ['long', 1.5],
    ['long', 2 ** 63],
    ['double', '1'],
    ['string', null],
    ['bytes', 'Ā'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'abc'],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'B'],
    [{ type: 'array', items: 'int' }, ['a']],
    [{ type: 'map', values: 'int' }, []],
    [['null', 'int'], 'x'],
    [nested, { y: 1 }],
    [nested, { x: 'a' }],
  ])('%j refuses %j', (type, value) => {
    expect(problemsOf(record(field(type, { default: value })))).toHaveLength(1)
    expect(parseSchema(record(field(type, { default: value })), { checkDefaults: false }).ok).toBe(true)
  })
})

describe('canonical text', () => {
  test.each<[string, unknown, string]>([
    ['a primitive written as an object', { type: 'string' }, '"string"'],
    ['a primitive with properties', { logicalType: 'uuid', type: 'string' }, '{"type":"string","logicalType":"uuid"}'],
    [
      'a full name becomes name and namespace',
      { type: 'fixed', size: 1, name: 'a.b.F' },
      '{"type":"fixed","name":"F","namespace":"a.b","size":1}',
    ],
    [
      'the default order is not written',
      record(field('int', { order: 'ascending' })),
      '{"type":"record","name":"R","fields":[{"name":"f","type":"int"}]}',
    ],
    [
      'doc, default, aliases, order and properties are kept',
      {
        x: 1,
        aliases: ['Q'],
        fields: [field('int', { x: [2], aliases: ['g'], order: 'ignore', default: 0, doc: 'd' })],
        doc: 'D',
        name: 'R',
        type: 'record',
      },
      '{"type":"record","name":"R","doc":"D","fields":[{"name":"f","type":"int","doc":"d","default":0,"order":"ignore","aliases":["g"],"x":[2]}],"x":1,"aliases":["Q"]}',
    ],
    [
      'a type inside a namespace is written short, the second time by name',
      { ...record(field({ type: 'fixed', name: 'a.F', size: 1 }), { name: 'g', type: 'a.F' }), namespace: 'a' },
      '{"type":"record","name":"R","namespace":"a","fields":[{"name":"f","type":{"type":"fixed","name":"F","size":1}},{"name":"g","type":"F"}]}',
    ],
    [
      'a type without a namespace inside one that has one',
      { ...record(field({ type: 'fixed', name: 'F', namespace: '', size: 1 })), namespace: 'a' },
      '{"type":"record","name":"R","namespace":"a","fields":[{"name":"f","type":{"type":"fixed","name":"F","namespace":"","size":1}}]}',
    ],
    [
      'an enum',
      { default: 'A', symbols: ['A'], name: 'E', type: 'enum' },
      '{"type":"enum","name":"E","symbols":["A"],"default":"A"}',
    ],
    [
      'a recursive type',
      record(field(['null', 'R'])),
      '{"type":"record","name":"R","fields":[{"name":"f","type":["null","R"]}]}',
    ],
  ])('%s', (_, json, text) => {
    expect(printed(json)).toBe(text)
    expect(printed(JSON.parse(text))).toBe(text)
  })

  test('a referenced type is printed by its name', () => {
    const inner = parseSchema({ type: 'fixed', name: 'a.F', size: 1 })
    if (!inner.ok) throw new Error('the inner schema is valid')
    const outer = parseSchema(record(field('a.F')), { references: [inner.schema] })
    expect(outer.ok && canonicalText(outer.schema, ['a.F'])).toBe(JSON.stringify(record(field('a.F'))))
  })

  test('reprinting any parsed schema again changes nothing', () => {
    const names = ['A', 'B', 'x.A', 'x.y.C']
    const type = fc.letrec((tie) => ({
      type: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('int', 'string', { type: 'long', logicalType: 'timestamp-millis' }, ...names),
        fc.record({ type: fc.constant('array'), items: tie('type') }),
        fc.record({ type: fc.constant('map'), values: tie('type'), note: fc.string() }),
        fc.array(tie('type'), { maxLength: 3 }),
        fc.record({
          type: fc.constant('record'),
          name: fc.constantFrom(...names),
          fields: fc.uniqueArray(fc.record({ name: fc.constantFrom('p', 'q', 'r'), type: tie('type') }), {
            maxLength: 3,
            selector: (each) => each.name,
          }),
        }),
      ),
    })).type
    let parsedOnce = 0
    fc.assert(
      fc.property(type, (json) => {
        const parsed = parseSchema(json)
        if (!parsed.ok) return
        parsedOnce += 1
        for (const print of [canonicalText, normalisedText]) {
          const text = print(parsed.schema)
          const again = parseSchemaText(text)
          expect(again.ok && print(again.schema)).toBe(text)
        }
      }),
      { numRuns: 1_000, seed: 7 },
    )
    expect(parsedOnce).toBeGreaterThan(100)
  })
})

test('normalised text is the same for two ways to write the same schema', () => {
  const one = parseSchema({
    type: 'record',
    name: 'R',
    namespace: 'a',
    b: 1,
    a: 2,
    fields: [field({ type: 'string', y: 1, x: 2 })],
  })
  const two = parseSchema({
    a: 2,
    b: 1,
    fields: [{ type: { x: 2, type: 'string', y: 1 }, name: 'f' }],
    name: 'a.R',
    type: 'record',
  })
  if (!one.ok || !two.ok) throw new Error('both are valid')
  expect(normalisedText(one.schema)).toBe(normalisedText(two.schema))
  expect(canonicalText(one.schema)).not.toBe(canonicalText(two.schema))
  expect(normalisedText(one.schema)).toBe(
    '{"name":"a.R","type":"record","fields":[{"name":"f","type":{"type":"string","x":2,"y":1}}],"a":2,"b":1}',
  )
})
