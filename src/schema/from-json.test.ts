import { describe, expect, it } from 'vitest'
import type { AvroSchema } from '../definition/event-type.ts'
import type { Problem } from './find-problems.ts'
import { fromJson } from './from-json.ts'
import { jsonSchema } from './json-schema.ts'
import { parseSchema } from './parse-schema.ts'

function convert(type: unknown, json: unknown): { value: unknown; problems: readonly Problem[] } {
  const node = parseSchema({ type: 'record', name: 'R', fields: [{ name: 'v', type }] })
  const { data, problems } = fromJson(node, { v: json })
  return { value: (data as { v: unknown }).v, problems }
}

const millis = { type: 'long', logicalType: 'timestamp-millis' }
const good = { type: 'record', name: 'Good', fields: [{ name: 'size', type: 'long' }] }
const bad = { type: 'record', name: 'Bad', fields: [{ name: 'reason', type: 'string' }] }
const worse = { type: 'record', name: 'Worse', fields: [{ name: 'reason', type: 'string' }] }

describe('JSON as typed data', () => {
  it.each([
    ['a long as a string', 'long', '9223372036854775807', 9223372036854775807n],
    ['a long as a number', 'long', 5, 5n],
    ['a long that is a number', { type: 'long', 'millrace.type': 'number' }, '5', 5],
    ['an instant in ISO 8601', millis, '2026-01-31T12:00:00.5Z', new Date('2026-01-31T12:00:00.500Z')],
    ['an instant of another zone', millis, '2026-01-31T12:00:00+02:00', new Date('2026-01-31T10:00:00Z')],
    ['an instant in milliseconds', millis, 1234, new Date(1234)],
    ['a day', { type: 'int', logicalType: 'date' }, '2026-02-28', new Date('2026-02-28')],
    ['bytes', 'bytes', 'AQI=', new Uint8Array([1, 2])],
    ['bytes in the alphabet of URLs', 'bytes', '-_8', new Uint8Array([0xfb, 0xff])],
    ['a decimal as a number', { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 }, 1.5, '1.5'],
    ['a double by its name', 'double', '-Infinity', -Infinity],
    ['null', ['null', good], null, null],
    ['the only record of a union', ['null', good], { size: 1 }, { size: 1n }],
    ['a record by its label', [good, bad], { Bad: { reason: 'x' } }, { Bad: { reason: 'x' } }],
    ['a record by its fields', [good, bad], { size: '7' }, { Good: { size: 7n } }],
    ['a string beside null', ['null', 'string'], 'x', 'x'],
  ])('takes %s', (_name, type, json, value) => {
    expect(convert(type, json)).toStrictEqual({ value, problems: [] })
  })

  it.each([
    ['a number that is not exact', 'long', 2 ** 60, 'a whole number of 64 bits, as a string or an exact number'],
    [
      'a long beyond 64 bits',
      'long',
      '9223372036854775808',
      'a whole number of 64 bits, as a string or an exact number',
    ],
    ['an instant without a zone', millis, '2026-01-31T12:00:00', /^an instant in ISO 8601 with its zone/],
    ['a day that no month has', millis, '2026-02-30T00:00:00Z', /^an instant/],
    ['a symbol that is none', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'C', 'one of A, B'],
    ['bytes that are not base64', 'bytes', '§', 'bytes in base64'],
    ['a string for a number', 'int', '5', 'a whole number of 32 bits'],
    ['an object that fits two records', [bad, worse], { reason: 'x' }, '{ "Bad": … } or { "Worse": … }'],
    ['nothing', ['null', 'string'], undefined, 'null or a string'],
  ])('refuses %s', (_name, type, json, expected) => {
    const { problems } = convert(type, json)
    expect(problems).toMatchObject([{ path: 'v' }])
    expect(problems[0]?.expected).toMatch(expected)
  })

  it('names each wrong field where it is, an unknown one too', () => {
    const { problems } = convert({ type: 'array', items: good }, [{ size: 1 }, { size: 'x', more: 1 }, 5])
    expect(problems).toMatchObject([{ path: 'v[1].size' }, { path: 'v[1].more' }, { path: 'v[2]' }])
  })

  it('fills in defaults', () => {
    const node = parseSchema({
      type: 'record',
      name: 'R',
      fields: [{ name: 'tags', type: { type: 'array', items: 'string' }, default: ['a'] }],
    })
    expect(fromJson(node, {})).toStrictEqual({ data: { tags: ['a'] }, problems: [] })
  })

  it('keeps a key named __proto__ from changing anything', () => {
    const { value, problems } = convert({ type: 'map', values: 'string' }, JSON.parse('{"__proto__":"x"}'))
    expect(problems).toStrictEqual([])
    expect(Object.keys(value as object)).toStrictEqual(['__proto__'])
  })

  it('ends soon for documents that are made to be nested without end', () => {
    const left = {
      type: 'record',
      name: 'L',
      fields: [
        {
          name: 'next',
          type: ['null', 'L', { type: 'record', name: 'M', fields: [{ name: 'next', type: ['null', 'L', 'M'] }] }],
        },
      ],
    }
    const node = parseSchema(left)
    let json: unknown = { next: 5 }
    for (let depth = 0; depth < 10_000; depth += 1) json = { next: json }
    const start = performance.now()
    expect(fromJson(node, json).problems.length).toBeGreaterThan(0)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

describe('the JSON Schema of a record', () => {
  it('describes what is taken, a record inside itself too', () => {
    const schema: AvroSchema = {
      type: 'record',
      name: 'a.Node',
      doc: 'A node.',
      fields: [
        { name: 'next', type: ['null', 'Node'], default: null },
        { name: 'size', type: 'long', doc: 'How large.' },
      ],
    }
    expect(jsonSchema(parseSchema(schema))).toStrictEqual({
      $ref: '#/$defs/a.Node',
      $defs: {
        'a.Node': {
          type: 'object',
          title: 'Node',
          description: 'A node.',
          properties: {
            next: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/a.Node' }] },
            size: {
              oneOf: [
                { type: 'string', pattern: '^-?[0-9]{1,19}$' },
                { type: 'integer', format: 'int64' },
              ],
              description: 'How large.',
            },
          },
          required: ['size'],
          additionalProperties: false,
        },
      },
    })
  })
})
