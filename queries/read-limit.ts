// How many rows an answer holds at most.

/** Reads a `limit` parameter: from 1 to 500, and 50 where it is missing or no number. */
export function readLimit(text: string | undefined): number {
  const limit = Math.floor(Number(text ?? 50))
  return Number.isNaN(limit) ? 50 : Math.min(Math.max(limit, 1), 500)
}
