// The ids of a partition's window as rows of millrace.event_ids. Each commit adds one row; rows of like size are merged into
// one as it is written, as in a binary counter, so that an id is rewritten a few times at most and an assignment reads a
// handful of rows.
import { ID_WINDOW } from './id-window.ts'

/** Per id: four words and its distance from the row's first offset. */
const ID_BYTES = 20
/** Rows of this many ids are left alone: merging them would rewrite much to save little. */
const LARGE = 16_384

/** One row: the ids of a range of offsets. */
export interface IdRow {
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  readonly ids: Uint8Array
}

/** What a commit writes: the row to put in place of every row from its first offset on, and where the window begins. */
export interface IdWrite {
  readonly row: IdRow | null
  /** Rows that end before this offset have left the window. */
  readonly floor: bigint
}

/** The rows of one partition, as the database has them after the last commit. */
export class IdLog {
  #rows: IdRow[]

  constructor(rows: readonly IdRow[]) {
    this.#rows = [...rows]
  }

  /**
   * Plans the row for the ids of a batch; nothing changes before `committed`.
   * @param words four words per id
   * @param offsets the offset of each id, rising
   * @param next where reading goes on
   */
  plan(words: Uint32Array, offsets: readonly number[], next: bigint): IdWrite {
    const floor = next - BigInt(ID_WINDOW)
    const first = offsets[0]
    if (first === undefined) return { row: null, floor }
    const last = offsets[offsets.length - 1] ?? first
    let row: IdRow = { firstOffset: BigInt(first), lastOffset: BigInt(last), ids: encodeIds(words, offsets, first) }
    for (let at = this.#rows.length - 1; at >= 0; at -= 1) {
      const before = this.#rows[at]
      if (before === undefined || before.ids.length > row.ids.length * 2 || before.ids.length > LARGE * ID_BYTES) break
      if (before.lastOffset < floor || row.lastOffset - before.firstOffset > 0xffff_ffffn) break
      row = merge(before, row)
    }
    return { row, floor }
  }

  /** Takes over what was committed. */
  committed({ row, floor }: IdWrite): void {
    if (row === null) return
    const { firstOffset } = row
    this.#rows = this.#rows.filter((held) => held.firstOffset < firstOffset && held.lastOffset >= floor)
    this.#rows.push(row)
  }
}

/** Calls back with each id of a row, in order of offset. */
export function eachId(row: IdRow, visit: (words: Uint32Array, offset: number) => void): void {
  const view = new DataView(row.ids.buffer, row.ids.byteOffset, row.ids.byteLength)
  const words = new Uint32Array(4)
  const first = Number(row.firstOffset)
  for (let at = 0; at + ID_BYTES <= row.ids.length; at += ID_BYTES) {
    for (let word = 0; word < 4; word += 1) words[word] = view.getUint32(at + word * 4)
    visit(words, first + view.getUint32(at + 16))
  }
}

function encodeIds(words: Uint32Array, offsets: readonly number[], first: number): Uint8Array {
  const ids = new Uint8Array(offsets.length * ID_BYTES)
  const view = new DataView(ids.buffer)
  for (let index = 0; index < offsets.length; index += 1) {
    const at = index * ID_BYTES
    for (let word = 0; word < 4; word += 1) view.setUint32(at + word * 4, words[index * 4 + word] ?? 0)
    view.setUint32(at + 16, (offsets[index] ?? first) - first)
  }
  return ids
}

function merge(before: IdRow, after: IdRow): IdRow {
  const ids = new Uint8Array(before.ids.length + after.ids.length)
  ids.set(before.ids)
  ids.set(after.ids, before.ids.length)
  const shift = Number(after.firstOffset - before.firstOffset)
  const view = new DataView(ids.buffer)
  for (let at = before.ids.length + 16; at < ids.length; at += ID_BYTES) view.setUint32(at, view.getUint32(at) + shift)
  return { firstOffset: before.firstOffset, lastOffset: after.lastOffset, ids }
}
