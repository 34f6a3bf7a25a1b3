import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeRecordBatches, type AbortedTransaction } from './decode-record-batches.ts'

// kafkajs's own encoder is the other side: what it writes is what brokers hand back.
const load = createRequire(import.meta.url)
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: object) => Promise<{ buffer: Buffer }>
}
const Record = load('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object

interface Batch {
  readonly at: bigint
  readonly keys: readonly (string | null)[]
  readonly lastOffsetDelta?: number
  readonly producerId?: number
  readonly transactional?: boolean
  readonly compression?: number
  readonly headers?: object
}

async function encode({
  at,
  keys,
  producerId,
  transactional,
  compression = 0,
  headers = {},
  ...rest
}: Batch): Promise<Buffer> {
  const { buffer } = await RecordBatch({
    compression,
    timestamp: 1_000,
    firstTimestamp: 1_000,
    maxTimestamp: 1_000 + keys.length,
    producerId: producerId ?? -1,
    producerEpoch: 0,
    firstSequence: 0,
    transactional,
    lastOffsetDelta: keys.length - 1,
    records: keys.map((key, index) =>
      Record({ offsetDelta: index, timestampDelta: index, key, value: Buffer.from(`value-${index}`), headers }),
    ),
  })
  const batch = Buffer.from(buffer)
  batch.writeBigInt64BE(at, 0)
  if (rest.lastOffsetDelta !== undefined) batch.writeInt32BE(rest.lastOffsetDelta, 23)
  return batch
}

/** A control batch as brokers write them: kafkajs never does. */
async function marker(at: bigint, producerId: number, type: 'abort' | 'commit'): Promise<Buffer> {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  const batch = await encode({ at, keys: [key as unknown as string], producerId, transactional: true })
  batch.writeInt16BE(batch.readInt16BE(21) | 0x20, 21)
  return batch
}

const decode = (from: bigint, batches: readonly Buffer[], aborted: readonly AbortedTransaction[] = []) => {
  const { records, nextOffset } = decodeRecordBatches('a', 0, from, Buffer.concat(batches), aborted)
  return {
    keys: records.map(({ key }) => key?.toString() ?? null),
    offsets: records.map(({ offset }) => offset),
    nextOffset,
    records,
  }
}

describe('decodeRecordBatches', () => {
  it.each([0, 1])('reads what kafkajs writes, compression %i', async (compression) => {
    const headers = { ce_id: 'one', many: ['first', 'second'], ['__proto__x']: 'x' }
    const { records, nextOffset } = decode(5n, [await encode({ at: 5n, keys: ['k', null], compression, headers })])
    expect(nextOffset).toBe(7n)
    expect(records.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
      [5n, 1_000],
      [6n, 1_001],
    ])
    expect(records[0]?.key?.toString()).toBe('k')
    expect(records[1]?.key).toBeNull()
    expect(records[1]?.value?.toString()).toBe('value-1')
    expect(records[0]?.headers['ce_id']?.toString()).toBe('one')
    expect(records[0]?.headers['many']?.toString()).toBe('first')
    expect(records[0]?.headers['missing']).toBeUndefined()
  })

  it('begins inside a batch, and leaves an incomplete one for the next fetch', async () => {
    const whole = await encode({ at: 10n, keys: ['a', 'b', 'c'] })
    const cut = (await encode({ at: 13n, keys: ['d'] })).subarray(0, -1)
    expect(decode(12n, [whole, cut])).toMatchObject({ keys: ['c'], nextOffset: 13n })
  })

  it('goes on after an empty batch that compaction kept, and after a hole at the end of one (K12)', async () => {
    const empty = await encode({ at: 20n, keys: [], lastOffsetDelta: 4 })
    expect(decode(20n, [empty])).toMatchObject({ keys: [], nextOffset: 25n })
    const tail = await encode({ at: 25n, keys: ['a'], lastOffsetDelta: 9 })
    expect(decode(25n, [tail])).toMatchObject({ keys: ['a'], nextOffset: 35n })
  })

  it('hides aborted transactions that overlap (fault B)', async () => {
    const log = [
      await encode({ at: 0n, keys: ['A-aborted'], producerId: 1, transactional: true }),
      await encode({ at: 1n, keys: ['B-aborted'], producerId: 2, transactional: true }),
      await encode({ at: 2n, keys: ['plain'] }),
      await marker(3n, 1, 'abort'),
      await encode({ at: 4n, keys: ['A-committed'], producerId: 1, transactional: true }),
      await encode({ at: 5n, keys: ['B-aborted'], producerId: 2, transactional: true }),
      await marker(6n, 2, 'abort'),
      await marker(7n, 1, 'commit'),
    ]
    const aborted = [
      { producerId: 1n, firstOffset: 0n },
      { producerId: 2n, firstOffset: 1n },
    ]
    expect(decode(0n, log, aborted)).toMatchObject({ keys: ['plain', 'A-committed'], nextOffset: 8n })
    // The fetch begins after both transactions did.
    expect(decode(5n, log.slice(5), [{ producerId: 2n, firstOffset: 1n }])).toMatchObject({ keys: [], nextOffset: 8n })
  })

  it('does not take a key of four zero bytes for an abort marker (fault B)', async () => {
    const zero = '\0\0\0\0'
    const log = [
      await encode({ at: 0n, keys: [zero, 'later'], producerId: 1, transactional: true }),
      await marker(2n, 1, 'abort'),
    ]
    expect(decode(0n, log, [{ producerId: 1n, firstOffset: 0n }])).toMatchObject({ keys: [], nextOffset: 3n })
  })

  it.each([9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n, 8_640_000_000_000_001n])(
    'takes the time %s for none',
    async (time) => {
      const batch = await encode({ at: 0n, keys: ['a'] })
      batch.writeBigInt64BE(time, 27)
      expect(decodeRecordBatches('a', 0, 0n, batch, []).records[0]?.timestamp).toBe(-1)
    },
  )

  it.each([-1, 1_000, 2 ** 31 - 1])('makes nothing for %i records that a batch cannot hold', async (count) => {
    const batch = await encode({ at: 0n, keys: ['a'] })
    batch.writeInt32BE(count, 57)
    expect(() => decode(0n, [batch])).toThrow('corrupt')
  })

  it('is not sent back and forth by a record of negative length', async () => {
    const batch = await encode({ at: 0n, keys: ['a', 'b'] })
    batch[61] = 1
    expect(() => decode(0n, [batch])).toThrow('corrupt')
  })

  it('does not unpack gigabytes', async () => {
    const batch = await encode({ at: 0n, keys: ['a'] })
    const bomb = gzipSync(Buffer.alloc(129 * 1024 * 1024))
    const packed = Buffer.concat([batch.subarray(0, 61), bomb])
    packed.writeInt16BE(1, 21)
    packed.writeInt32BE(packed.length - 12, 8)
    expect(() => decode(0n, [packed])).toThrow('larger than')
  })

  it('says which compression it cannot read', async () => {
    const batch = await encode({ at: 0n, keys: ['a'] })
    batch.writeInt16BE(2, 21)
    expect(() => decode(0n, [batch])).toThrow('snappy')
  })
})
