import { expect, it } from 'vitest'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

it('makes nothing of an array that does not fit into its frame', () => {
  const reader = new Reader(new Writer().i32(1_000_000).i32(0).toBuffer())
  expect(() => reader.array(() => reader.i8())).toThrow('does not fit')
})

it('bounds the items of all arrays together, whatever their frame holds', () => {
  const outer = 500
  const body = Buffer.concat([
    new Writer().i32(outer).toBuffer(),
    ...Array.from({ length: outer }, () => Buffer.concat([new Writer().i32(500).toBuffer(), Buffer.alloc(1000)])),
  ])
  const reader = new Reader(body)
  expect(() => reader.array(() => reader.array(() => reader.string()))).toThrow('more than 200000 items')
})
