// Texts that this server gave out and takes back: position tokens and cursors. Signed, so that nobody can make one up; not
// secret. The form is v1.<payload>.<signature>, both in base64url.
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Signs and checks texts for one purpose; what was signed for another one is refused. */
export interface SignedText {
  /** @param payload what is to come back @param bound what the text is bound to besides, not contained in it */
  sign(payload: string, bound?: string): string
  /** The payload, or null where the text was not made by `sign` with the same key, purpose and bound. */
  open(text: string, bound?: string): string | null
}

const form = /^v1\.([\w-]{1,65536})\.([\w-]{22})$/

/** Makes a signer. @param key at least 16 bytes, the same in all processes of an app */
export function signedText(key: Uint8Array, purpose: string): SignedText {
  const signature = (payload: string, bound: string): Buffer =>
    createHmac('sha256', key).update(`${purpose}\n${bound}\n${payload}`).digest().subarray(0, 16)
  return {
    sign(payload, bound = '') {
      return `v1.${Buffer.from(payload).toString('base64url')}.${signature(payload, bound).toString('base64url')}`
    },
    open(text, bound = '') {
      const match = form.exec(text)
      if (match === null) return null
      const payload = Buffer.from(match[1] ?? '', 'base64url').toString()
      const given = Buffer.from(match[2] ?? '', 'base64url')
      const expected = signature(payload, bound)
      return given.length === expected.length && timingSafeEqual(given, expected) ? payload : null
    },
  }
}
