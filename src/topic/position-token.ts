// Position tokens: opaque, signed proof of where in the log something was written, given with a 202 and brought back to read
// one's own write. `v1.<payload>.<hmac>`, both parts base64url. A token can be read by whoever holds it, but not made or changed.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Position } from '../kafka/record.ts'

const VERSION = 'v1'

/** Expiry in milliseconds since 1970, then topic, partition and offset of each position. */
type Payload = readonly [expiresAt: number, positions: readonly (readonly [string, number, string])[]]

/** Makes a token for positions (each the offset of a record written). It is valid until `expiresAt`, in ms since 1970. */
export function createPositionToken(positions: readonly Position[], secret: string, expiresAt: number): string {
  const payload: Payload = [
    expiresAt,
    positions.map(({ topic, partition, offset }) => [topic, partition, offset.toString()]),
  ]
  const encoded = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return `${VERSION}.${encoded}.${sign(encoded, secret).toString('base64url')}`
}

/** The positions of a token. Raises `MILLRACE_TOKEN_INVALID` when it was not made with this secret, or its time is over. */
export function readPositionToken(token: string, secret: string, now: number): readonly Position[] {
  const [version, encoded, signature, ...rest] = token.split('.')
  if (version !== VERSION || encoded === undefined || signature === undefined || rest.length > 0) {
    throw invalid('it is not a position token')
  }
  const expected = sign(encoded, secret)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalid('its signature is wrong')
  // Signed by us, so it has the form that createPositionToken gave it.
  const [expiresAt, positions] = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as Payload
  if (now >= expiresAt) throw invalid('it has expired')
  return positions.map(([topic, partition, offset]) => ({ topic, partition, offset: BigInt(offset) }))
}

function sign(encoded: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${VERSION}.position.${encoded}`).digest()
}

function invalid(reason: string): MillraceError {
  return new MillraceError(
    'MILLRACE_TOKEN_INVALID',
    `The position token cannot be used: ${reason}. Use one as it was given.`,
  )
}
