// Hands out producer ids that are never handed out twice: a block is reserved in the broker's file before its first id is
// used, so a crash only leaves a gap.

const BLOCK = 1000

export class ProducerIds {
  readonly #reserve: (upTo: number) => Promise<void>
  #next: number
  #reserved: number
  #reserving: Promise<void> | null = null

  /** `next` is the first id that was never reserved; `reserve` writes a new bound down. */
  constructor(next: number, reserve: (upTo: number) => Promise<void>) {
    this.#next = next
    this.#reserved = next
    this.#reserve = reserve
  }

  async next(): Promise<number> {
    while (this.#next >= this.#reserved) {
      this.#reserving ??= this.#reserveBlock().finally(() => {
        this.#reserving = null
      })
      await this.#reserving
    }
    return this.#next++
  }

  async #reserveBlock(): Promise<void> {
    const bound = this.#reserved + BLOCK
    await this.#reserve(bound)
    this.#reserved = bound
  }
}
