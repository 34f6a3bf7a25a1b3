// How long an event waits before its next attempt. Jitter keeps events that failed together from coming back together.

/**
 * The waiting time after a failed attempt, in milliseconds, or null when there is no attempt left.
 * @param delaysMs the waiting times before the second, third … attempt
 * @param attempt the attempt that failed, from 1
 * @param random a number from 0 to 1: the delay is stretched by up to 20 % of itself
 */
export function retryDelay(
  delaysMs: readonly number[],
  attempt: number,
  retryAfterMs: number | null,
  random: number,
): number | null {
  const delay = delaysMs[attempt - 1]
  if (delay === undefined) return null
  return Math.round((retryAfterMs ?? delay) * (1 + random * 0.2))
}
