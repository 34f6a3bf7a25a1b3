import { describe, expect, it } from 'vitest'
import type { Delivery } from '../consumer/entry.ts'
import { SliceDraft } from '../consumer/slice-draft.ts'
import type { Model, ModelField, ScalarType } from '../database/model.ts'
import type { Event } from '../definition/event-type.ts'
import type { LogRecord } from '../kafka/record.ts'
import { ParkedKeys } from '../parking/parked-keys.ts'
import { foldSlice, keySlice, type Cells } from './fold-slice.ts'
import { writeCells } from './load-cells.ts'
import { planTable, type Row, type TablePlan } from './table-plan.ts'

const field = (name: string, type: ScalarType, isRequired = true): ModelField => {
  const sqlType = type === 'Int' ? 'integer' : 'text'
  return { name, column: `c_${name}`, type, sqlType, isRequired, isList: false, hasDefault: false, enumValues: [] }
}
const model = (name: string): Model => ({
  name,
  table: name,
  schema: 'public',
  key: ['id'],
  fields: [field('id', 'String'), field('n', 'Int'), field('note', 'String', false)],
})

type Fold = (row: Row & { readonly n: number }, event: { readonly data: { readonly n: number } }) => unknown
const plan = (name: string, evolve: Record<string, Fold>, key: (event: Event) => unknown = (event) => event.key) =>
  planTable(model(name), 'public', { key, initial: { n: 0 }, evolve })

function delivery(offset: number, key: string, n: number, type = 'Added'): Delivery {
  const record: LogRecord = {
    topic: 't',
    partition: 0,
    offset: BigInt(offset),
    timestamp: 0,
    key: Buffer.from(key),
    value: Buffer.alloc(0),
    headers: {},
  }
  return {
    kind: 'event',
    record,
    event: { type, key, data: { n }, id: `e${offset}` } as Event,
    attempts: 0,
    parked: null,
  }
}

/** Folds from empty tables: what is written, what is deleted, what is parked. */
function fold(plans: readonly TablePlan[], deliveries: readonly Delivery[], parked = new ParkedKeys()) {
  const rows: Cells[] = plans.map(() => new Map())
  const keyed = keySlice(plans, deliveries, rows)
  const draft = new SliceDraft(parked, deliveries, 'log')
  foldSlice(plans, keyed, draft)
  const written = plans.map((each, at) => JSON.parse(writeCells(each, rows[at] ?? new Map())[0]) as unknown[])
  return { written, draft, parked: draft.writes.map(({ record, parking }) => [Number(record.offset), parking.reason]) }
}

const add: Fold = (row, { data }) => ({ ...row, n: row.n + data.n })
const throwing: Fold = (row, { data }) => {
  if (data.n === 666) throw new Error('no luck')
  return { ...row, n: row.n + data.n }
}

describe('the fold of a slice', () => {
  it('writes one row for all events of a key', () => {
    const { written, draft } = fold(
      [plan('A', { Added: add })],
      [delivery(0, 'a', 1), delivery(1, 'b', 5), delivery(2, 'a', 2)],
    )
    expect(written[0]).toEqual([
      { c_id: 'a', c_n: 3, c_note: null },
      { c_id: 'b', c_n: 5, c_note: null },
    ])
    expect(draft.counts).toEqual({ applied: 3, repeated: 0, filtered: 0, parked: 0 })
  })

  it('makes what an event does to several tables true together or not at all', () => {
    const { written, parked } = fold(
      [plan('A', { Added: add }), plan('B', { Added: throwing })],
      [delivery(0, 'a', 1), delivery(1, 'a', 666), delivery(2, 'b', 7)],
    )
    expect(written[0]).toEqual([
      { c_id: 'a', c_n: 1, c_note: null },
      { c_id: 'b', c_n: 7, c_note: null },
    ])
    expect(written[1]).toEqual(written[0])
    expect(parked).toEqual([[1, 'handler-error']])
  })

  it('parks later events of a failed key behind it, and lets other keys pass', () => {
    const { written, parked, draft } = fold(
      [plan('A', { Added: throwing })],
      [delivery(0, 'a', 666), delivery(1, 'b', 1), delivery(2, 'a', 1)],
    )
    expect(parked).toEqual([
      [0, 'handler-error'],
      [2, 'behind'],
    ])
    expect(written[0]).toEqual([{ c_id: 'b', c_n: 1, c_note: null }])
    expect(draft.counts).toEqual({ applied: 1, repeated: 0, filtered: 0, parked: 2 })
  })

  it('writes nothing for the same row object, and creates no row by it', () => {
    const { written, draft } = fold([plan('A', { Added: (row) => row })], [delivery(0, 'a', 1)])
    expect(written[0]).toEqual([])
    expect(draft.counts.applied).toBe(1)
  })

  it('starts anew after a deletion', () => {
    const evolve = { Added: add, Gone: () => null }
    const deliveries = [delivery(0, 'a', 4), delivery(1, 'a', 0, 'Gone'), delivery(2, 'a', 2)]
    expect(fold([plan('A', evolve)], deliveries).written[0]).toEqual([{ c_id: 'a', c_n: 2, c_note: null }])
  })

  it('deletes by a tombstone where no fold is named for it', () => {
    const deliveries = [delivery(0, 'a', 4), delivery(1, 'a', 0, 'Tombstone')]
    expect(fold([plan('A', { Added: add })], deliveries).written[0]).toEqual([])
  })

  it('knows several rows of one event, and none', () => {
    const key = (event: Event): unknown => (event.key === 'none' ? null : ['x', 'y', 'x'])
    const { written, draft } = fold([plan('A', { Added: add }, key)], [delivery(0, 'a', 2), delivery(1, 'none', 1)])
    expect(written[0]).toEqual([
      { c_id: 'x', c_n: 2, c_note: null },
      { c_id: 'y', c_n: 2, c_note: null },
    ])
    expect(draft.counts.applied).toBe(2)
  })

  it.each<[string, Fold, RegExp]>([
    ['an unknown field', (row) => ({ ...row, colour: 'red' }), /no field colour/],
    ['a wrong type', (row) => ({ ...row, n: '1' }), /A\.n: expected 32-bit integer, received string "1"/],
    ['a number out of range', (row) => ({ ...row, n: 2 ** 31 }), /A\.n: expected 32-bit integer/],
    ['a missing field', ({ id }) => ({ id, note: null }), /A\.n: expected 32-bit integer, received nothing/],
    ['another key', (row) => ({ ...row, id: 'z' }), /changed id/],
    ['no row', () => undefined, /no row and not null/],
  ])('parks an event whose fold returns %s, naming it', (_what, evolve, message) => {
    const { draft, written } = fold([plan('A', { Added: evolve })], [delivery(0, 'a', 1)])
    expect(draft.writes[0]?.parking).toMatchObject({
      reason: 'bad-row',
      detail: expect.stringMatching(message) as string,
    })
    expect(written[0]).toEqual([])
  })

  it('parks an event whose fold writes into the row it was given', () => {
    const evolve: Fold = (row) => {
      ;(row as { n: number }).n += 1
      return row
    }
    const { parked, written } = fold([plan('A', { Added: evolve })], [delivery(0, 'a', 1)])
    expect(parked).toEqual([[0, 'handler-error']])
    expect(written[0]).toEqual([])
  })

  it('parks an event whose key is none', () => {
    const { parked } = fold([plan('A', { Added: add }, () => 7)], [delivery(0, 'a', 1)])
    expect(parked).toEqual([[0, 'handler-error']])
  })
})
