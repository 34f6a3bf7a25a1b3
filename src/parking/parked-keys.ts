// The keys of one partition that have parked events, counted. Later events of such a key go behind them, so that no key's order
// breaks. A draft holds what a batch adds until it is committed; a batch that is run again starts from a new draft.

/** The bytes of a key as text, one character a byte; null for a record without a key, which is in no order. */
export function parkingKey(key: Buffer | null): string | null {
  return key === null ? null : key.toString('latin1')
}

export class ParkedKeys {
  readonly #counts = new Map<string, number>()

  get size(): number {
    return this.#counts.size
  }

  has(key: string): boolean {
    return this.#counts.has(key)
  }

  change(key: string, by: number): void {
    const count = (this.#counts.get(key) ?? 0) + by
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
  }
}
