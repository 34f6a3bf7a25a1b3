import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { positionTokens } from './position-token.ts'

const key = Buffer.from('0123456789abcdef')
const tokens = positionTokens(key)
const invalid: unknown = expect.objectContaining({ code: 'MILLRACE_TOKEN_INVALID', retriable: false })

function failure(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('position token', () => {
  const positions = [
    { topic: 'domain.entity', partition: 3, offset: 42n },
    { topic: 'domain.entity', partition: 0, offset: 9_007_199_254_740_993n },
  ]
  const token = tokens.ofEvents(positions)

  it('gives the positions back', () => {
    expect(token).toMatch(/^v1\.[\w-]+\.[\w-]+$/)
    expect(tokens.read(token)).toEqual({
      kind: 'events',
      partitions: [
        {
          topic: 'domain.entity',
          partition: 0,
          runs: [{ first: 9_007_199_254_740_993n, last: 9_007_199_254_740_993n }],
        },
        { topic: 'domain.entity', partition: 3, runs: [{ first: 42n, last: 42n }] },
      ],
    })
  })

  it('is the same for the same records in any order, and short for a large batch', () => {
    const batch = Array.from({ length: 1000 }, (_, offset) => ({
      topic: 't',
      partition: offset % 2,
      offset: BigInt(offset >> 1),
    }))
    expect(tokens.ofEvents(batch)).toBe(tokens.ofEvents([...batch].reverse()))
    expect(tokens.ofEvents(batch).length).toBeLessThan(150)
  })

  it('names the last record below each next offset, and nothing where nothing was read', () => {
    const reached = tokens.ofReached([
      { topic: 't', partition: 0, offset: 10n },
      { topic: 't', partition: 1, offset: 0n },
    ])
    expect(tokens.read(reached)).toEqual({
      kind: 'reached',
      partitions: [{ topic: 't', partition: 0, runs: [{ first: 9n, last: 9n }] }],
    })
  })

  it('gives every set of offsets back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt({ min: 0n, max: 60n }), { minLength: 1 }), (offsets) => {
        const read = tokens.read(tokens.ofEvents(offsets.map((offset) => ({ topic: 't', partition: 1, offset }))))
        const back = (read.partitions[0]?.runs ?? []).flatMap(({ first, last }) =>
          Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index)),
        )
        expect(back).toEqual([...offsets].sort((a, b) => (a < b ? -1 : 1)))
      }),
    )
  })

  it('is refused with another key, and when any character of it was changed', () => {
    expect(failure(() => positionTokens(Buffer.from('another key 0000')).read(token))).toEqual(invalid)
    for (let at = 0; at < token.length - 1; at += 1) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      expect(
        failure(() => tokens.read(changed)),
        `character ${at}`,
      ).toEqual(invalid)
    }
  })

  it.each(['', 'v1', 'v1..', 'v2.a.b', 'v1.a.b.c', 'v1.%%%.###', 'v1.'.repeat(1000)])(
    'refuses garbage: %s',
    (garbage) => {
      expect(failure(() => tokens.read(garbage))).toEqual(invalid)
    },
  )
})
