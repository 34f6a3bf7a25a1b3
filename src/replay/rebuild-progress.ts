// How far a rebuild is: its checkpoints against the log.

/** One partition of the log as a rebuild sees it. */
export interface RebuildPartition {
  readonly topic: string
  readonly partition: number
  readonly low: bigint
  readonly high: bigint
  /** Where the rebuild reads on. */
  readonly next: bigint
}

export interface RebuildProgress {
  /** Records passed. */
  readonly done: number
  /** Records on the log now. */
  readonly total: number
}

/** Sums up partitions. */
export function rebuildProgress(partitions: readonly RebuildPartition[]): RebuildProgress {
  let done = 0n
  let total = 0n
  for (const { low, high, next } of partitions) {
    if (next > low) done += next - low
    total += high - low
  }
  return { done: Number(done), total: Number(total) }
}

/**
 * Whether the rebuild has passed all that was on the log at an earlier look. The log grows meanwhile, so its end as it is now is
 * never reached while much comes in; the rest is waited for by the swap.
 */
export function hasPassed(earlier: readonly RebuildPartition[], now: readonly RebuildPartition[]): boolean {
  const next = new Map(now.map((at) => [`${at.topic} ${at.partition}`, at.next > at.low ? at.next : at.low]))
  return earlier.every(({ topic, partition, high }) => (next.get(`${topic} ${partition}`) ?? 0n) >= high)
}
