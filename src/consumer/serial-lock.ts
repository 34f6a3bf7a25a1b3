// Lets one piece of work at a time through, in the order it came. Partition n of every topic of a consumer shares one lock, so
// that rows fed by several co-partitioned topics are folded by one hand.

export class SerialLock {
  #tail: Promise<unknown> = Promise.resolve()

  /** Runs `work` after everything that was asked for before it. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(work)
    this.#tail = result.catch(() => undefined)
    return result
  }
}
