import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AvroSchema } from '../definition/event-type.ts'
import { ByteCursor } from './byte-cursor.ts'
import { compileReader } from './compile-reader.ts'
import { parseSchema } from './parse-schema.ts'
import { randomRecord } from '../../tests/schemas/random-schema.ts'
import { Unreadable } from './unreadable.ts'

function varint(value: bigint | number): Buffer {
  let bits = BigInt(value) >= 0n ? BigInt(value) * 2n : -BigInt(value) * 2n - 1n
  const bytes: number[] = []
  while (bits >= 128n) {
    bytes.push(Number(bits & 127n) | 128)
    bits >>= 7n
  }
  return Buffer.from([...bytes, Number(bits)])
}

function decode(schema: AvroSchema, bytes: Buffer, reader: AvroSchema = schema): unknown {
  const cursor = new ByteCursor()
  const read = compileReader(parseSchema(schema), parseSchema(reader))
  cursor.start(bytes, 0)
  const value = read(cursor)
  cursor.finish()
  return value
}

const arrayOf = (items: AvroSchema): AvroSchema => ({ type: 'array', items })
const list: AvroSchema = { type: 'record', name: 'List', fields: [{ name: 'next', type: ['null', 'List'] }] }
const withArray: AvroSchema = { type: 'record', name: 'R', fields: [{ name: 'gone', type: arrayOf('int') }] }
const without: AvroSchema = { type: 'record', name: 'R', fields: [] }
const empty: AvroSchema = { type: 'record', name: 'E', fields: [] }

const bombs: readonly (readonly [name: string, schema: AvroSchema, bytes: Buffer, reader?: AvroSchema])[] = [
  ['array of int, 1e9 items', arrayOf('int'), varint(1e9)],
  ['array of int, 4e9 items', arrayOf('int'), varint(4e9)],
  ['array of int, 2^62 items', arrayOf('int'), varint(2n ** 62n)],
  ['array of int, -1e8 items', arrayOf('int'), varint(-1e8)],
  ['array of int, -2^63 items', arrayOf('int'), varint(-(2n ** 63n))],
  ['array of int, 3.2e7 items', arrayOf('int'), varint(3.2e7)],
  ['array of null, 1e8 items', arrayOf('null'), Buffer.concat([varint(1e8), varint(0)])],
  ['array of empty record, 1e7 items', arrayOf(empty), Buffer.concat([varint(1e7), varint(0)])],
  ['array of string, 1e8 items', arrayOf('string'), varint(1e8)],
  [
    'array of array of null, 10 times 9,999',
    arrayOf(arrayOf('null')),
    Buffer.concat([
      varint(10),
      ...Array.from({ length: 10 }, () => Buffer.concat([varint(9_999), varint(0)])),
      varint(0),
    ]),
  ],
  ['map of int, 1e8 entries', { type: 'map', values: 'int' }, varint(1e8)],
  ['map of int, 2^53 entries', { type: 'map', values: 'int' }, varint(2n ** 53n)],
  ['map of null, 1e8 entries', { type: 'map', values: 'null' }, varint(1e8)],
  ['dropped array, 1e9 items', withArray, varint(1e9), without],
  ['dropped array, 2^53 items', withArray, varint(2n ** 53n), without],
  ['dropped array, block size -2', withArray, Buffer.concat([varint(-1), varint(-2)]), without],
  ['block size beyond the end', arrayOf('int'), Buffer.concat([varint(-1), varint(1e9)])],
  ['string of 2^31 bytes', 'string', varint(2n ** 31n)],
  ['string of -5 bytes', 'string', varint(-5)],
  ['bytes of 2^51', 'bytes', varint(2n ** 51n)],
  ['bytes of 2^62', 'bytes', varint(2n ** 62n)],
  ['records 5,000 deep', list, Buffer.concat([Buffer.alloc(5_000, 2), Buffer.from([0])])],
  ['records 1,000,000 deep', list, Buffer.alloc(1_000_000, 2)],
  ['int of 2^40', 'int', varint(2n ** 40n)],
  ['int of 2^31', 'int', varint(2n ** 31n)],
  ['int in 11 bytes', 'int', Buffer.from([...Array.from({ length: 10 }, () => 0xff), 1])],
  ['long in 11 bytes', 'long', Buffer.from([...Array.from({ length: 10 }, () => 0x80), 0])],
  ['long in 20 bytes', 'long', Buffer.from([...Array.from({ length: 19 }, () => 0x80), 0])],
  ['long beyond 64 bits', 'long', Buffer.from([...Array.from({ length: 9 }, () => 0xff), 2])],
  ['a count of a megabyte of 0x80', arrayOf('int'), Buffer.alloc(1_000_000, 0x80)],
  ['long too large for a number', { type: 'long', 'millrace.type': 'number' }, varint(2n ** 60n)],
  ['timestamp beyond all dates', { type: 'long', logicalType: 'timestamp-millis' }, varint(9e15)],
  ['boolean 7', 'boolean', Buffer.from([7])],
  ['a string that is no UTF-8', 'string', Buffer.from([4, 0xc3, 0x28])],
  ['enum index 9', { type: 'enum', name: 'C', symbols: ['A'] }, varint(9)],
  ['enum index -1', { type: 'enum', name: 'C', symbols: ['A'] }, varint(-1)],
  ['union index 9', ['null', 'int'], varint(9)],
  ['bytes behind the end', 'int', Buffer.from([2, 2, 2])],
  ['nothing at all', 'int', Buffer.alloc(0)],
  ['half a double', 'double', Buffer.alloc(4)],
  [
    'a decimal of 1 MB',
    { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 },
    Buffer.concat([varint(1_000_000), Buffer.alloc(1_000_000, 1)]),
  ],
]

const cases = bombs.map(([name, schema, bytes, reader = schema]) => ({ name, schema, bytes, reader }))

describe('bytes that nobody vouches for', () => {
  it.each(cases)('refuses $name at once', ({ schema, bytes, reader }) => {
    const heap = process.memoryUsage().heapUsed
    // CPU time, so that a busy machine does not count.
    const start = process.cpuUsage()
    expect(() => decode(schema, bytes, reader)).toThrow(Unreadable)
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(50)
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(32 * 1024 * 1024)
  })

  it('refuses a schema whose records of no byte hold each other a billion times', () => {
    let schema: AvroSchema = empty
    for (let level = 0; level < 30; level += 1) {
      const name = `Level${level}`
      const inner: unknown = level === 0 ? 'E' : `Level${level - 1}`
      schema = {
        type: 'record',
        name,
        fields: [
          { name: 'a', type: schema },
          { name: 'b', type: inner },
        ],
      }
    }
    const start = performance.now()
    expect(() => decode(schema, Buffer.alloc(0))).toThrow('items without a byte')
    expect(performance.now() - start).toBeLessThan(200)
  })

  it('takes a string that rightly holds the replacement character', () => {
    expect(decode('string', Buffer.concat([varint(3), Buffer.from('\uFFFD')]))).toBe('\uFFFD')
  })

  it('takes an array in several blocks, with and without their size', () => {
    const bytes = Buffer.concat([varint(1), varint(5), varint(-2), varint(2), varint(6), varint(7), varint(0)])
    expect(decode(arrayOf('int'), bytes)).toStrictEqual([5, 6, 7])
  })

  it('answers 10,000 random messages of random schemas with a value or a refusal', () => {
    let refusals = 0
    fc.assert(
      fc.property(
        randomRecord,
        fc.array(fc.uint8Array({ maxLength: 64 }), { minLength: 50, maxLength: 50 }),
        ({ schema }, messages) => {
          const node = parseSchema(schema)
          const read = compileReader(node, node)
          const cursor = new ByteCursor()
          for (const message of messages) {
            try {
              cursor.start(Buffer.from(message), 0)
              read(cursor)
              cursor.finish()
            } catch (error) {
              if (!(error instanceof Unreadable)) throw error
              refusals += 1
            }
          }
        },
      ),
      { numRuns: 200 },
    )
    expect(refusals).toBeGreaterThan(1_000)
  })
})
