// The id of a request, derived from what asked for it, so that every event of a request can carry it or compute it.
import { createHash } from 'node:crypto'

/** The namespace of request ids; a constant of the contract, never to change. */
const requestNamespace = Buffer.from('6f1b0d5a7c1e4f0e9a3b52c8d7e40911', 'hex')

/**
 * The uuid5 of a source under the namespace of requests: a message's id, or `<occurrence>/<user>` for a schedule. The id of
 * a request's reply is `requestId(requestId)`.
 */
export function requestId(source: string): string {
  const hash = createHash('sha1').update(requestNamespace).update(source).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
