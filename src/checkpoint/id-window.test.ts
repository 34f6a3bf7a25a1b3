import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eachId, IdLog, type IdRow, type IdWrite } from './id-log.ts'
import { ID_WINDOW, IdWindow } from './id-window.ts'
import { readEventIdWords } from './read-event-id-words.ts'

/** What the rule says, record by record. */
function naiveRepeats(records: readonly { readonly id: string; readonly offset: number }[]): readonly boolean[] {
  return records.map(({ id, offset }, at) =>
    records.slice(0, at).some((before) => before.id === id && before.offset >= offset - ID_WINDOW),
  )
}

const records = fc
  .array(
    fc.record({
      id: fc.oneof(fc.integer({ min: 0, max: 12 }).map(String), fc.uuid()),
      // Gaps that make ids fall out of the window, and land on its very edge.
      gap: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(49_999, 50_000, 99_999, 100_000, 100_001)),
    }),
    { maxLength: 60 },
  )
  .map((list) => {
    let offset = -1
    return list.map(({ id, gap }) => ({ id, offset: (offset += gap) }))
  })

const words = new Uint32Array(4)
const note = (window: IdWindow, id: string, offset: number): boolean => {
  readEventIdWords(id, words, 0)
  return window.note(words, 0, offset)
}

describe('the window of event ids', () => {
  it('says what the rule says, for any log', () => {
    fc.assert(
      fc.property(records, (log) => {
        const window = new IdWindow()
        expect(log.map(({ id, offset }) => note(window, id, offset))).toEqual(naiveRepeats(log))
      }),
    )
  })

  it('says the same after any restart, from the rows of the commits', () => {
    fc.assert(
      fc.property(records, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 60, maxLength: 60 }), (log, sizes) => {
        const table = new Map<bigint, IdRow>()
        const answers: boolean[] = []
        for (let at = 0, batch = 0; at < log.length; batch += 1) {
          // A new owner each time: everything it knows comes from the rows.
          const rows = [...table.values()].sort((a, b) => Number(a.firstOffset - b.firstOffset))
          const window = new IdWindow()
          for (const row of rows) eachId(row, (id, offset) => window.note(id, 0, offset))
          const ids = new IdLog(rows)
          const part = log.slice(at, at + (sizes[batch] ?? 1))
          const held = new Uint32Array(part.length * 4)
          part.forEach(({ id, offset }, index) => {
            readEventIdWords(id, held, index * 4)
            answers.push(window.note(held, index * 4, offset))
          })
          const write = ids.plan(
            held,
            part.map(({ offset }) => offset),
            BigInt((part.at(-1)?.offset ?? 0) + 1),
          )
          store(table, write)
          at += part.length
        }
        expect(answers).toEqual(naiveRepeats(log))
      }),
    )
  })

  it('keeps few rows for many commits, and drops what has left the window', () => {
    const table = new Map<bigint, IdRow>()
    const ids = new IdLog([])
    for (let offset = 0; offset < 250_000; offset += 50) {
      const held = Uint32Array.from({ length: 200 }, (_, at) => offset * 4 + at)
      const write = ids.plan(
        held,
        Array.from({ length: 50 }, (_, at) => offset + at),
        BigInt(offset + 50),
      )
      store(table, write)
      ids.committed(write)
    }
    const rows = [...table.values()]
    expect(rows.length).toBeLessThan(30)
    const kept = rows.reduce((sum, row) => sum + row.ids.length / 20, 0)
    expect(kept).toBeGreaterThanOrEqual(ID_WINDOW)
    expect(kept).toBeLessThan(ID_WINDOW * 1.5)
  })

  it('does not grow with the log', () => {
    const window = new IdWindow()
    const id = new Uint32Array(4)
    let repeats = 0
    for (let offset = 0; offset < 400_000; offset += 1) {
      id[0] = offset
      id[1] = Math.imul(offset, 0x9e3779b1)
      if (window.note(id, 0, offset)) repeats += 1
    }
    expect(repeats).toBe(0)
    expect(window.slots).toBe(131_072)
  })

  it('takes ids as they are written: another case is another id', () => {
    const window = new IdWindow()
    const id = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'
    expect(note(window, id, 0)).toBe(false)
    expect(note(window, id.toUpperCase(), 1)).toBe(false)
    expect(note(window, 'no uuid', 2)).toBe(false)
    expect(note(window, id, 3)).toBe(true)
    expect(note(window, 'no uuid', 4)).toBe(true)
  })
})

/** What the statement of a commit does to the table. */
function store(table: Map<bigint, IdRow>, { row, floor }: IdWrite): void {
  for (const [first, held] of table) {
    if ((row !== null && first > row.firstOffset) || held.lastOffset < floor) table.delete(first)
  }
  if (row !== null) table.set(row.firstOffset, row)
}
