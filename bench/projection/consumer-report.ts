// What a consumer program of the bench is told by its parent, and what it answers.

export interface ConsumerTask {
  readonly broker: string
  readonly registry: string
  readonly database: string
  readonly kind: 'owned' | 'shared'
  /** Events to take before it ends. */
  readonly events: number
  readonly group: string
}

export type ConsumerMessage =
  /** The first record arrived. */
  | { readonly kind: 'began' }
  | {
      readonly kind: 'done'
      readonly seconds: number
      readonly cpuSeconds: number
      /** Records taken of each partition, from its beginning. */
      readonly taken: Readonly<Record<number, number>>
      /** Records of each commit; of a consumer that goes by one, empty. */
      readonly batches: readonly number[]
    }

/** Times a run from its first record on. */
export class Stopwatch {
  #began = 0
  #cpu = process.cpuUsage()

  begin(): void {
    if (this.#began !== 0) return
    this.#began = performance.now()
    this.#cpu = process.cpuUsage()
    process.send?.({ kind: 'began' } satisfies ConsumerMessage)
  }

  end(taken: Readonly<Record<number, number>>, batches: readonly number[]): void {
    const seconds = (performance.now() - this.#began) / 1000
    const { user, system } = process.cpuUsage(this.#cpu)
    process.send?.({
      kind: 'done',
      seconds,
      cpuSeconds: (user + system) / 1e6,
      taken,
      batches,
    } satisfies ConsumerMessage)
  }
}

export function readTask(): ConsumerTask {
  return JSON.parse(process.argv[2] ?? '') as ConsumerTask
}
