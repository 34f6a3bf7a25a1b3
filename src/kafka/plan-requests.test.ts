import { describe, expect, it } from 'vitest'
import { cutRecords, RequestLoad } from './plan-requests.ts'
import type { NewRecord } from './record.ts'

const record = (partition: number, bytes = 1): NewRecord => ({
  topic: 'a',
  partition,
  key: null,
  value: Buffer.alloc(bytes),
  headers: {},
})
const limits = { records: 3, bytes: 1_000 }

describe('cutRecords', () => {
  it('counts each partition by itself and keeps the order', () => {
    const records = [0, 1, 0, 1, 0, 1, 0].map((partition) => record(partition))
    const pieces = cutRecords(records, limits)
    expect(pieces.map((piece) => piece.length)).toEqual([6, 1])
    expect(pieces.flat()).toEqual(records)
  })

  it('cuts by bytes', () => {
    expect(cutRecords([record(0, 600), record(0, 600), record(1, 600)], limits).map((piece) => piece.length)).toEqual([
      1, 2,
    ])
  })

  it('leaves a record that is larger than the limit by itself', () => {
    expect(cutRecords([record(0), record(0, 5_000), record(0)], limits).map((piece) => piece.length)).toEqual([1, 1, 1])
  })
})

describe('RequestLoad', () => {
  it('takes pieces until one partition is full', () => {
    const load = new RequestLoad(limits)
    load.add([record(0), record(0)])
    expect(load.fits([record(0), record(1)])).toBe(true)
    expect(load.fits([record(1), record(0), record(0)])).toBe(false)
  })
})
