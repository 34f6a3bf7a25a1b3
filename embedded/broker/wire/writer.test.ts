import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

describe.each([false, true])('reader and writer, flexible: %s', (flexible) => {
  it('reads back what was written', () => {
    const shape = fc.record({
      i8: fc.integer({ min: -128, max: 127 }),
      i16: fc.integer({ min: -32768, max: 32767 }),
      i32: fc.integer(),
      i64: fc.maxSafeInteger(),
      text: fc.option(fc.string()),
      bytes: fc.option(fc.uint8Array({ maxLength: 10_000 })),
      items: fc.option(fc.array(fc.integer())),
    })
    fc.assert(
      fc.property(shape, (value) => {
        const writer = new Writer(flexible, 8)
        writer.i8(value.i8).i16(value.i16).i32(value.i32).i64(value.i64).string(value.text)
        writer.bytes(value.bytes && Buffer.from(value.bytes))
        writer.array(value.items, (item) => writer.i32(item)).tags()
        const { length } = writer
        const buffer = writer.toBuffer()
        expect(buffer.length).toBe(length)
        const reader = new Reader(buffer, 0, flexible)
        expect([reader.i8(), reader.i16(), reader.i32(), reader.i64()]).toEqual([
          value.i8,
          value.i16,
          value.i32,
          value.i64,
        ])
        expect(reader.nullableString()).toBe(value.text)
        expect(reader.nullableBytes()).toEqual(value.bytes && Buffer.from(value.bytes))
        expect(reader.nullableArray(() => reader.i32())).toEqual(value.items)
        reader.tags()
        expect(reader.remaining).toBe(0)
      }),
    )
  })

  it('throws a range error on hostile bytes and never hangs or allocates for them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const reader = new Reader(Buffer.from(bytes), 0, flexible)
        let failure: unknown = new RangeError()
        try {
          reader.array(() => [reader.string(), reader.bytes()])
          reader.tags()
        } catch (error) {
          failure = error
        }
        expect(failure).toBeInstanceOf(RangeError)
        expect(reader.position).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })
})

describe('writer', () => {
  it('links a large buffer instead of copying it', () => {
    const large = Buffer.alloc(100_000)
    const chunks = new Writer().i32(1).raw(large).i32(2).chunks()
    expect(chunks.includes(large)).toBe(true)
    expect(chunks.map((chunk) => chunk.length)).toEqual([4, 100_000, 4])
  })
})
