// A percentile of measurements.

/** The smallest value that `share` of all values do not exceed; 0 where there are none. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
