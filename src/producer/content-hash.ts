// A hash of JSON that does not depend on the order of keys: a client that builds its request anew may order them differently.
import { createHash } from 'node:crypto'

/** SHA-256 of a JSON value, in hex. Dates count as their ISO text. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(inOrder(value)).digest('hex')
}

function inOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOrder).join(',')}]`
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${inOrder(item)}`).join(',')}}`
}
