// A record's key for people.

/** A key as text where it is text, in hex where it is not. */
export function keyText(key: Uint8Array | null): string | null {
  if (key === null) return null
  const bytes = Buffer.from(key)
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? text : `0x${bytes.toString('hex')}`
}
