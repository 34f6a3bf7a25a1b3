import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineEvent } from '../definition/define-event.ts'
import type { AvroSchema } from '../definition/event-type.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { ByteCursor } from './byte-cursor.ts'
import { compileReader } from './compile-reader.ts'
import { EventCodec } from './event-codec.ts'
import { parseSchema } from './parse-schema.ts'
import { randomRecord } from '../../tests/schemas/random-schema.ts'

const codec = new EventCodec()

function read(writer: AvroSchema, reader: AvroSchema, bytes: Buffer, offset = 5): unknown {
  const cursor = new ByteCursor()
  cursor.start(bytes, offset)
  const value = compileReader(parseSchema(writer), parseSchema(reader))(cursor)
  cursor.finish()
  return value
}

function eventOf(schema: AvroSchema): ReturnType<typeof defineEvent<string, unknown>> {
  return defineEvent<string, unknown>('Sample', 'Sample', schema)
}

function recordOf(...fields: readonly unknown[]): AvroSchema {
  return { type: 'record', name: 'Sample', fields }
}

describe('typed values to bytes and back', () => {
  it('gives back what was written, for random schemas and values', () => {
    fc.assert(
      fc.property(
        randomRecord.chain(({ schema, value }) => value.map((data) => ({ schema, data }))),
        ({ schema, data }) => {
          const event = eventOf(schema)
          const bytes = codec.encode(event, 7, data)
          expect(bytes.readUInt32BE(1)).toBe(7)
          expect(read(schema, schema, bytes)).toStrictEqual(data)
          expect(codec.validate(event, data)).toStrictEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives back what went through JSON', () => {
    fc.assert(
      fc.property(
        randomRecord.chain(({ schema, value }) => value.map((data) => ({ schema, data }))),
        ({ schema, data }) => {
          const event = eventOf(schema)
          const text = JSON.stringify(codec.toJson(event, data))
          const { data: back, problems } = codec.fromJson(event, JSON.parse(text))
          expect(problems).toStrictEqual([])
          expect(JSON.stringify(back, replacer)).toBe(JSON.stringify(data, replacer))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('writes the same bytes as avsc', () => {
    const schema = recordOf(
      { name: 'flag', type: 'boolean' },
      { name: 'small', type: 'int' },
      { name: 'large', type: { type: 'long', 'millrace.type': 'number' } },
      { name: 'real', type: 'double' },
      { name: 'text', type: 'string' },
      { name: 'maybe', type: ['null', 'string'] },
      { name: 'many', type: { type: 'array', items: 'float' } },
      { name: 'byKey', type: { type: 'map', values: 'int' } },
      { name: 'color', type: { type: 'enum', name: 'Color', symbols: ['RED', 'GREEN'] } },
    )
    const oracle = avsc.Type.forSchema(schema as never)
    const values = fc.record({
      flag: fc.boolean(),
      small: fc.integer(),
      large: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
      real: fc.double(),
      text: fc.string({ unit: 'binary', maxLength: 100 }),
      maybe: fc.option(fc.string()),
      many: fc.array(fc.float()),
      byKey: fc.dictionary(fc.string(), fc.integer(), { noNullPrototype: true }),
      color: fc.constantFrom('RED', 'GREEN'),
    })
    const event = eventOf(schema)
    fc.assert(
      fc.property(values, (data) => {
        fc.pre(!Object.hasOwn(data.byKey, '__proto__'))
        expect(codec.encode(event, 1, data).subarray(5).equals(oracle.toBuffer(data))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('agrees with avsc on the edges of long', () => {
    const schema = recordOf({ name: 'n', type: 'long' })
    for (const n of [
      0n,
      -1n,
      63n,
      64n,
      -64n,
      -65n,
      2n ** 30n,
      -(2n ** 30n) - 1n,
      2n ** 52n,
      2n ** 53n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]) {
      expect(read(schema, schema, codec.encode(eventOf(schema), 1, { n }))).toStrictEqual({ n })
    }
    expect(() => codec.encode(eventOf(schema), 1, { n: 2n ** 63n })).toThrow('n: expected a bigint of 64 bits')
  })

  it('keeps a map key named __proto__ an entry like any other', () => {
    const schema = recordOf({ name: 'byKey', type: { type: 'map', values: { type: 'map', values: 'string' } } })
    const data = { byKey: JSON.parse('{"__proto__":{"polluted":"yes"}}') as unknown }
    const back = read(schema, schema, codec.encode(eventOf(schema), 1, data)) as { byKey: Record<string, unknown> }
    expect(Object.keys(back.byKey)).toStrictEqual(['__proto__'])
    expect(back.byKey['polluted']).toBeUndefined()
  })

  it('keeps a record field named __proto__', () => {
    const schema = recordOf({ name: '__proto__', type: 'int' }, { name: 'constructor', type: 'int' })
    const data = JSON.parse('{"__proto__":1,"constructor":2}') as unknown
    const back = read(schema, schema, codec.encode(eventOf(schema), 1, data)) as object
    expect(Object.entries(back)).toStrictEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ])
  })

  it('copies bytes out of the record, so that a batch is not kept alive', () => {
    const schema = recordOf({ name: 'b', type: 'bytes' })
    const bytes = codec.encode(eventOf(schema), 1, { b: new Uint8Array([1, 2]) })
    const { b } = read(schema, schema, bytes) as { b: Uint8Array }
    bytes.fill(0)
    expect(b).toStrictEqual(new Uint8Array([1, 2]))
  })
})

describe('values that are not of their schema', () => {
  const schema = recordOf(
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    {
      name: 'lines',
      type: { type: 'array', items: { type: 'record', name: 'Line', fields: [{ name: 'count', type: 'int' }] } },
    },
    { name: 'note', type: ['null', 'string'], default: null },
    {
      name: 'result',
      type: [
        { type: 'record', name: 'Good', fields: [{ name: 'at', type: 'long' }] },
        { type: 'record', name: 'Bad', fields: [] },
      ],
    },
  )
  const event = eventOf(schema)

  it('are refused with one problem for each wrong field', () => {
    const data = {
      id: 'x',
      lines: [{ count: 1 }, { count: 1.5 }, { count: 2, size: 3 }],
      note: 4,
      result: { Good: { at: 5 } },
      extra: true,
    }
    const found = codec.validate(event, data)
    expect(found.map(({ path }) => path)).toStrictEqual([
      'id',
      'lines[1].count',
      'lines[2].size',
      'note',
      'result.Good.at',
      'extra',
    ])
    expect(found[1]).toStrictEqual({ path: 'lines[1].count', expected: 'a whole number of 32 bits', received: '1.5' })
    expect(() => codec.encode(event, 1, data)).toThrow(MillraceError)
  })

  it('may leave out a field that has a default, and nothing else', () => {
    const id = '6f2bd9c4-a5c8-4f5e-9a1f-0f3a7f0c2e11'
    const bytes = codec.encode(event, 1, { id, lines: [], result: { Bad: {} } })
    expect(read(schema, schema, bytes)).toStrictEqual({ id, lines: [], note: null, result: { Bad: {} } })
    expect(codec.validate(event, { id, result: { Bad: {} } })).toStrictEqual([
      { path: 'lines', expected: 'an array', received: 'nothing' },
    ])
  })

  it('are refused by the writer exactly when there is a problem', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(randomRecord, randomRecord)
          .chain(([one, other]) => other.value.map((data) => ({ schema: one.schema, data }))),
        ({ schema, data }) => {
          const hasProblem = codec.validate(eventOf(schema), data).length > 0
          let isRefused = false
          try {
            codec.encode(eventOf(schema), 1, data)
          } catch (error) {
            isRefused = error instanceof MillraceError
          }
          expect(isRefused).toBe(hasProblem)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('do not crash the writer when they contain themselves', () => {
    const list = recordOf({ name: 'next', type: ['null', 'Sample'] })
    const data: { next: unknown } = { next: null }
    data.next = data
    expect(() => codec.encode(eventOf(list), 1, data)).toThrow(MillraceError)
  })
})

/** JSON knows no negative zero; all else must be the same. */
const replacer = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint'
    ? value.toString()
    : value instanceof Uint8Array
      ? [...value]
      : Object.is(value, -0)
        ? 0
        : value
