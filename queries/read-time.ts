// A moment as a caller writes it.

/** Reads an ISO 8601 moment; undefined where none is given, null where the text is none. */
export function readTime(text: string | undefined): Date | null | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? null : time
}
