// A place in a list that is sorted by time and id, as a caller hands it back.

export interface TimeCursor {
  readonly at: Date
  readonly id: string
}

/** Writes the place behind a row. */
export function writeCursor({ at, id }: TimeCursor): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url')
}

/** Reads a place; null where the text is none. */
export function readCursor(text: string): TimeCursor | null {
  const [time = '', id = ''] = Buffer.from(text, 'base64url').toString().split(' ')
  const at = new Date(time)
  return Number.isNaN(at.getTime()) || id === '' ? null : { at, id }
}
