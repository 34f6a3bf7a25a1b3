// A header's bytes as text. Anybody writes headers: what is too long, empty or no UTF-8 counts as not there.
import { isUtf8 } from 'node:buffer'

/** The text of a header, or null. */
export function readText(bytes: Buffer | undefined, maxLength: number): string | null {
  if (bytes === undefined || bytes.length === 0 || bytes.length > maxLength * 4) return null
  const text = bytes.toString('utf8')
  if (text.length > maxLength) return null
  // Postgres takes no NUL in a text, and the id and others end up there.
  if (text.includes('\0') || (text.includes('\uFFFD') && !isUtf8(bytes))) return null
  return text
}
