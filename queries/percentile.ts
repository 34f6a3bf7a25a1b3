// A percentile of a histogram.

/**
 * The upper bound of the bucket in which the given share of all counts is reached; null where nothing was counted.
 * @param share from 0 to 1: 0.95 for the 95th percentile
 */
export function percentile(
  buckets: readonly { readonly upToMs: number; readonly count: number }[],
  share: number,
): number | null {
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  let seen = 0
  for (const { upToMs, count } of buckets.toSorted((one, other) => one.upToMs - other.upToMs)) {
    seen += count
    if (seen > 0 && seen >= share * total) return upToMs
  }
  return null
}
