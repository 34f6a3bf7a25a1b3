import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partitionForKey } from './partition-for-key.ts'

const load = createRequire(import.meta.url)
const murmur2 = load('kafkajs/src/producer/partitioners/default/murmur2') as (key: Buffer) => number

// Known answers of org.apache.kafka.common.utils.Utils.murmur2.
const vectors: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
]

describe('partitionForKey', () => {
  it.each(vectors)('agrees with Java on %s', (key, hash) => {
    for (const count of [1, 3, 12, 1_000])
      expect(partitionForKey(Buffer.from(key), count)).toBe((hash & 0x7fffffff) % count)
  })

  it('agrees with kafkajs on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 1_000 }), (bytes, count) => {
        const key = Buffer.from(bytes)
        expect(partitionForKey(key, count)).toBe((murmur2(key) & 0x7fffffff) % count)
      }),
    )
  })
})
