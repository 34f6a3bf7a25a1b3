import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { makeBatch } from '../testing/make-batch.ts'
import { errorCode } from '../wire/error-code.ts'
import { checkRecords } from './check-records.ts'
import { BATCH_HEADER_BYTES, readBatchHeader } from './record-batch.ts'

const check = (batch: Buffer) => checkRecords(batch, readBatchHeader(batch))

/** The batch with other records behind its header. */
function withRecords(batch: Buffer, records: Buffer, attributes = 0): Buffer {
  const changed = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), records])
  changed.writeInt16BE(attributes, 21)
  return changed
}

const plain = makeBatch({ values: ['a', 'b', 'x'.repeat(300)], timestamps: [5, 3, 2 ** 41] })
const records = plain.subarray(BATCH_HEADER_BYTES)
/** A record of one header, `k` without a value. */
const headed = Buffer.from([9 << 1, 0, 0, 0, 1, 1, 2, 2, 'k'.charCodeAt(0), 1])

it('takes records plain and packed, and what it cannot unpack', () => {
  expect(() => check(plain)).not.toThrow()
  expect(() => check(withRecords(plain, gzipSync(records), 1))).not.toThrow()
  expect(() => check(withRecords(plain, Buffer.from('anything'), 2))).not.toThrow()
  expect(() => check(withRecords(makeBatch(), headed))).not.toThrow()
})

it.each([
  ['fewer records than it says', makeBatch({ values: ['a'] }), Buffer.alloc(0)],
  ['bytes behind the last record', plain, Buffer.concat([records, Buffer.from([0])])],
  ['a record of negative length', plain, Buffer.concat([Buffer.from([1]), records.subarray(1)])],
  ['the same offset twice', plain, Buffer.concat([records.subarray(0, 9), records])],
  ['a key longer than its record', makeBatch(), Buffer.from([6 << 1, 0, 0, 0, 100, 1, 0])],
  ['more headers than bytes', makeBatch(), Buffer.from([6 << 1, 0, 0, 0, 1, 1, 126])],
  ['a header without a name', makeBatch(), Buffer.from([8 << 1, 0, 0, 0, 1, 1, 2, 1, 1])],
  ['a number without an end', makeBatch(), Buffer.alloc(40, 0xff)],
])('refuses %s', (_, batch, bytes) => {
  expect(() => check(withRecords(batch, bytes))).toThrow(
    expect.objectContaining({ code: errorCode.invalidRecord }) as Error,
  )
})

it('refuses packed bytes that do not unpack, or to gigabytes', () => {
  expect(() => check(withRecords(plain, records, 1))).toThrow('unpacked')
  expect(() => check(withRecords(plain, gzipSync(Buffer.alloc(129 * 1024 * 1024)), 1))).toThrow('unpacked')
})
