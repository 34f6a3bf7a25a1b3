import { describe, expect, it } from 'vitest'
import { defineEvent } from '../definition/define-event.ts'
import type { AvroSchema } from '../definition/event-type.ts'
import { ByteCursor } from './byte-cursor.ts'
import { compileReader } from './compile-reader.ts'
import { EventCodec } from './event-codec.ts'
import { parseSchema } from './parse-schema.ts'

const codec = new EventCodec()
const holding = (type: unknown, more: object = {}): AvroSchema => ({
  type: 'record',
  name: 'R',
  fields: [{ name: 'v', type, ...more }],
})

function evolve(writer: AvroSchema, reader: AvroSchema, data: unknown): unknown {
  const bytes = codec.encode(defineEvent<string, unknown>('R', 'R', writer), 1, data)
  const cursor = new ByteCursor()
  const read = compileReader(parseSchema(writer), parseSchema(reader))
  cursor.start(bytes, 5)
  const value = read(cursor)
  cursor.finish()
  return value
}

const long = { type: 'long', 'millrace.type': 'number' }
const millis = { type: 'long', logicalType: 'timestamp-millis' }
const micros = { type: 'long', logicalType: 'timestamp-micros' }
const decimal = (scale: number): object => ({ type: 'bytes', logicalType: 'decimal', precision: 9, scale })
const color = (symbols: readonly string[], more: object = {}): object => ({ type: 'enum', name: 'C', symbols, ...more })
const half = new Uint8Array([0xff, 0xfe])

describe('reading what another schema wrote', () => {
  it.each([
    ['int as long', 'int', 'long', 5, 5n],
    ['int as float', 'int', 'float', 5, 5],
    ['long as double', 'long', 'double', 2n ** 40n, 2 ** 40],
    ['float as double', 'float', 'double', 0.5, 0.5],
    ['string as bytes', 'string', 'bytes', 'ab', new Uint8Array([97, 98])],
    ['bytes as string', 'bytes', 'string', new Uint8Array([97, 98]), 'ab'],
    ['a value into a union', 'int', ['null', 'int'], 5, 5],
    ['a union into one of its branches', ['null', 'int'], 'int', 5, 5],
    ['bytes into string and bytes', 'bytes', ['string', 'bytes'], half, half],
    ['bytes of a union that has string first', ['string', 'bytes'], ['string', 'bytes'], half, half],
    ['long into double and long', long, ['double', long], 5, 5],
    ['a symbol that is gone, by the default', color(['A', 'B']), color(['A'], { default: 'A' }), 'B', 'A'],
    ['micros as millis: the instant stays', micros, millis, new Date(1234), new Date(1234)],
    ['millis as micros: the instant stays', millis, micros, new Date(-1), new Date(-1)],
    ['decimals of one scale', decimal(2), decimal(2), '-12.50', '-12.50'],
  ])('takes %s', (_name, writer, reader, written, read) => {
    expect(evolve(holding(writer), holding(reader), { v: written })).toStrictEqual({ v: read })
  })

  it.each([
    ['string as int', 'string', 'int', 'a', /string cannot be read as int/],
    ['a branch that the reader has not', ['int', 'string'], 'int', 'a', /string cannot be read as int/],
    ['a symbol that is gone', color(['A', 'B']), color(['A']), 'B', /no symbol B and no default/],
    ['a decimal of another scale', decimal(2), decimal(4), '1.00', /scale 2 cannot be read as one of scale 4/],
    ['long as int', 'long', 'int', 1n, /long cannot be read as int/],
  ])('refuses %s', (_name, writer, reader, written, reason) => {
    expect(() => evolve(holding(writer), holding(reader), { v: written })).toThrow(reason)
  })

  it('finds a renamed field and a renamed record by their aliases', () => {
    const old = { type: 'record', name: 'a.Old', fields: [{ name: 'x', type: 'int' }] }
    const now = {
      type: 'record',
      name: 'b.New',
      aliases: ['a.Old'],
      fields: [{ name: 'y', aliases: ['x'], type: 'int' }],
    }
    expect(evolve(old, now, { x: 1 })).toStrictEqual({ y: 1 })
  })

  it('makes a new default for every record', () => {
    const empty: AvroSchema = { type: 'record', name: 'R', fields: [] }
    const reader = holding({ type: 'array', items: 'int' }, { default: [] })
    const read = compileReader(parseSchema(empty), parseSchema(reader))
    const one = read(new ByteCursor()) as { v: number[] }
    one.v.push(1)
    expect(read(new ByteCursor())).toStrictEqual({ v: [] })
  })

  it('does not take a pair of records for readable because it was met before inside itself', () => {
    const tree = (type: string): AvroSchema => ({
      type: 'record',
      name: 'T',
      fields: [
        { name: 'next', type: ['null', 'T'] },
        { name: 'v', type },
      ],
    })
    expect(() => compileReader(parseSchema(tree('string')), parseSchema(tree('int')))).toThrow('T.v')
  })
})
