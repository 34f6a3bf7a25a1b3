import { describe, expect, it } from 'vitest'
import { createPositionToken, readPositionToken } from './position-token.ts'

const positions = [
  { topic: 'domain.entity', partition: 3, offset: 42n },
  { topic: 'domain.entity', partition: 0, offset: 9_007_199_254_740_993n },
]
const invalid: unknown = expect.objectContaining({ code: 'MILLRACE_TOKEN_INVALID', retriable: false })

function failure(token: string, secret = 'secret', now = 999): unknown {
  try {
    return readPositionToken(token, secret, now)
  } catch (error) {
    return error
  }
}

describe('position token', () => {
  const token = createPositionToken(positions, 'secret', 1_000)

  it('gives the positions back', () => {
    expect(token).toMatch(/^v1\.[\w-]+\.[\w-]+$/)
    expect(readPositionToken(token, 'secret', 999)).toEqual(positions)
  })

  it('is refused when its time is over or the secret is another', () => {
    expect(failure(token, 'secret', 1_000)).toEqual(invalid)
    expect(failure(token, 'other')).toEqual(invalid)
  })

  it('is refused when any character of it was changed', () => {
    for (let at = 0; at < token.length - 1; at += 1) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      expect(failure(changed), `character ${at}`).toEqual(invalid)
    }
  })

  it.each(['', 'v1', 'v1..', 'v2.a.b', 'v1.a.b.c', 'v1.%%%.###', 'v1.'.repeat(1000)])(
    'refuses garbage: %s',
    (garbage) => {
      expect(failure(garbage)).toEqual(invalid)
    },
  )
})
