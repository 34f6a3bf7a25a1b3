// Name-based UUIDs (RFC 9562, version 5): the same names give the same id on every machine, at any time.
import { createHash } from 'node:crypto'

/** The namespace of every id that Millrace derives; it is part of the ids already written, so it never changes. */
const namespace = Buffer.from('6f2bd9c4a5c84f5e9a1f0f3a7f0c2e11', 'hex')

/** The UUID of a list of names. Lists that differ in any name, or in where one name ends, have different ids. */
export function uuid5(...names: readonly (string | number | null)[]): string {
  const hash = createHash('sha1').update(namespace).update(JSON.stringify(names)).digest()
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
