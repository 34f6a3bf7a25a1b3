// The histogram behind the percentiles of the usage tables. Bounds grow by a quarter, so a percentile read from the buckets is
// at most a quarter too high, and buckets of several hours can be added up.

/** The upper bound, in milliseconds, of the bucket that a duration falls into; at least 1, and at most a week. */
export function durationBucket(durationMs: number): number {
  const week = 604_800_000
  let bound = 1
  while (bound < durationMs && bound < week) bound = Math.ceil(bound * 1.25)
  return bound
}
