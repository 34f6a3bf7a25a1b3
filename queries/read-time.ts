// A moment as a caller writes it.

/** Reads an ISO 8601 moment of the years 1 to 9999; undefined where none is given, null where the text is none. */
export function readTime(text: string | undefined): Date | null | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  // Earlier and later ones are times to JavaScript, and none to Postgres.
  const year = time.getUTCFullYear()
  return year >= 1 && year <= 9999 ? time : null
}
