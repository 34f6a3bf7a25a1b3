// The ids of the last 100,000 offsets of one partition. Its answers are a function of the log alone: a record repeats an id if
// a record with that id lies within the preceding 100,000 offsets, whether or not that one took effect. So a rebuild drops the
// same records. Open addressing over typed arrays: about 20 bytes a slot, no object per id, growing as ids come.

/** How far back an id is looked for, in offsets. */
export const ID_WINDOW = 100_000

const WORDS = 4
const FIRST_SLOTS = 1024
const FULL = 0.85

export class IdWindow {
  #slots = FIRST_SLOTS
  #used = 0
  #ids = new Uint32Array(FIRST_SLOTS * WORDS)
  /** Offset + 1, so that 0 is an empty slot. */
  #offsets = new Float64Array(FIRST_SLOTS)

  /** How many ids there is room for. */
  get slots(): number {
    return this.#slots
  }

  /**
   * Notes that the id lies at `offset` and says whether it repeats one of the window. Offsets rise from call to call.
   * @param words the id's four words, beginning at `at`
   */
  note(words: Uint32Array, at: number, offset: number): boolean {
    if (this.#used >= this.#slots * FULL) this.#rebuild(offset)
    const a = words[at] ?? 0
    const b = words[at + 1] ?? 0
    const c = words[at + 2] ?? 0
    const d = words[at + 3] ?? 0
    const ids = this.#ids
    const offsets = this.#offsets
    const mask = this.#slots - 1
    let slot = hash(a, b, c, d) & mask
    for (;;) {
      const held = offsets[slot] ?? 0
      const base = slot * WORDS
      if (held === 0) {
        ids[base] = a
        ids[base + 1] = b
        ids[base + 2] = c
        ids[base + 3] = d
        offsets[slot] = offset + 1
        this.#used += 1
        return false
      }
      if (ids[base] === a && ids[base + 1] === b && ids[base + 2] === c && ids[base + 3] === d) {
        offsets[slot] = offset + 1
        return held - 1 >= offset - ID_WINDOW
      }
      slot = (slot + 1) & mask
    }
  }

  /** Drops what has left the window, and doubles the room when what is left needs it. */
  #rebuild(offset: number): void {
    const ids = this.#ids
    const offsets = this.#offsets
    const floor = offset - ID_WINDOW + 1
    let live = 0
    for (const held of offsets) if (held >= floor) live += 1
    if (live > this.#slots * FULL * 0.9) this.#slots *= 2
    this.#ids = new Uint32Array(this.#slots * WORDS)
    this.#offsets = new Float64Array(this.#slots)
    this.#used = 0
    for (let slot = 0; slot < offsets.length; slot += 1) {
      const held = offsets[slot] ?? 0
      if (held !== 0 && held >= floor) this.#place(ids, slot * WORDS, held)
    }
  }

  #place(from: Uint32Array, at: number, held: number): void {
    const mask = this.#slots - 1
    let slot = hash(from[at] ?? 0, from[at + 1] ?? 0, from[at + 2] ?? 0, from[at + 3] ?? 0) & mask
    while (this.#offsets[slot] !== 0) slot = (slot + 1) & mask
    this.#ids.set(from.subarray(at, at + WORDS), slot * WORDS)
    this.#offsets[slot] = held
    this.#used += 1
  }
}

/** Mixes all words: ids made by clock or counter share most of theirs. */
function hash(a: number, b: number, c: number, d: number): number {
  let mixed = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(c ^ Math.imul(d, 0xc2b2ae35), 0x27d4eb2f)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
