// How long to wait after failures in a row: doubling, so that what has fallen can get up, and bounded, so that its return is seen.

/**
 * The waiting time before the next try, in milliseconds: 100 after the first failure, then twice as long each time.
 * @param failures how many tries failed in a row before this one, from 0
 * @param longestMs the bound (default: 5,000)
 */
export function backOffMs(failures: number, longestMs = 5_000): number {
  return Math.min(100 * 2 ** failures, longestMs)
}
