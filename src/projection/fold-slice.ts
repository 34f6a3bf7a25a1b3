// Folds the events of a slice into rows in memory. What an event does to all its tables becomes true together or not at all: a
// fold that throws, or returns no row of its model, parks that event and leaves every row as it was before it.
import type { Event } from '../definition/event-type.ts'
import { failureOf } from '../errors/failure-of.ts'
import type { Parking } from '../parking/parked-event.ts'
import type { Delivery } from '../consumer/entry.ts'
import type { SliceDraft } from '../consumer/slice-draft.ts'
import { rowKeysOf } from './row-key.ts'
import { rowProblem } from './row-problem.ts'
import type { Row, RowKey, TablePlan } from './table-plan.ts'

/** One row of a slice: as it was loaded, and as the events folded so far have made it. Null: it is not there. */
export interface Cell {
  readonly key: RowKey
  loaded: Row | null
  row: Row | null
}

/** The rows of one table that a slice touches, by key. */
export type Cells = Map<string, Cell>

/** An event with the cells it touches in each table, or why its keys could not be told. */
export type Keyed =
  | { readonly delivery: Delivery; readonly cells: readonly (readonly Cell[])[] }
  | { readonly delivery: Delivery; readonly refused: Parking }

/** Asks the tables' `key` functions about every event. */
export function keySlice(
  plans: readonly TablePlan[],
  deliveries: readonly Delivery[],
  rows: readonly Cells[],
): Keyed[] {
  return deliveries.map((delivery) => {
    try {
      const cells = plans.map((plan, table) => rowKeysOf(plan, delivery.event).map((key) => cellOf(rows[table], key)))
      return { delivery, cells }
    } catch (error) {
      return { delivery, refused: failure('handler-error', error) }
    }
  })
}

function cellOf(cells: Cells | undefined, key: RowKey): Cell {
  let cell = cells?.get(key.text)
  if (cell === undefined) {
    cell = { key, loaded: null, row: null }
    cells?.set(key.text, cell)
  }
  return cell
}

/**
 * Has the last word on an event whose fold succeeded, before its rows become true: null, or why it is parked after all.
 * `rowOf` gives the row of a model after this event's fold; null where the event has no row in it, or deleted it.
 */
export type Judge = (delivery: Delivery, rowOf: (model: string) => Row | null) => Parking | null

/** Folds the events in order, and takes the verdict on each. */
export function foldSlice(
  plans: readonly TablePlan[],
  keyed: readonly Keyed[],
  draft: SliceDraft,
  judge: Judge | null = null,
): void {
  const cells: Cell[] = []
  const rows: (Row | null)[] = []
  for (const each of keyed) {
    const { delivery } = each
    if (draft.goesBehind(delivery)) continue
    if ('refused' in each) {
      draft.park(delivery, each.refused)
      continue
    }
    cells.length = 0
    rows.length = 0
    const failed =
      foldEvent(plans, each.cells, delivery.event, cells, rows) ??
      judge?.(delivery, (model) => rowAfter(plans, each.cells, model, cells, rows)) ??
      null
    if (failed !== null) {
      draft.park(delivery, failed)
      continue
    }
    for (let at = 0; at < cells.length; at += 1) {
      const cell = cells[at]
      if (cell !== undefined) cell.row = rows[at] ?? null
    }
    draft.apply(delivery)
  }
}

/** A model's row as the event in hand leaves it. */
function rowAfter(
  plans: readonly TablePlan[],
  touched: readonly (readonly Cell[])[],
  model: string,
  cells: readonly Cell[],
  rows: readonly (Row | null)[],
): Row | null {
  const table = plans.findIndex((plan) => plan.model === model)
  const plan = plans[table]
  const [cell] = touched[table] ?? []
  if (plan === undefined || cell === undefined) return null
  const changed = cells.indexOf(cell)
  return changed >= 0 ? (rows[changed] ?? null) : (cell.row ?? initialRow(plan, cell.key))
}

/** Collects what one event changes; nothing is changed yet. */
function foldEvent(
  plans: readonly TablePlan[],
  touched: readonly (readonly Cell[])[],
  event: Event,
  cells: Cell[],
  rows: (Row | null)[],
): Parking | null {
  for (let table = 0; table < plans.length; table += 1) {
    const plan = plans[table]
    if (plan === undefined) continue
    for (const cell of touched[table] ?? []) {
      const evolve = plan.table.evolve[event.type] as ((row: Row, event: Event) => unknown) | undefined
      const before = cell.row ?? initialRow(plan, cell.key)
      let after: unknown = null
      if (evolve !== undefined) {
        try {
          after = evolve(before, event)
        } catch (error) {
          return failure('handler-error', error)
        }
      } else if (event.type !== 'Tombstone') {
        return failure('handler-error', new Error(`${plan.model} has no fold for ${event.type}`))
      }
      if (after === before) continue
      if (after !== null) {
        const problem = rowProblem(plan, before, after)
        if (problem !== null) return failure('bad-row', new Error(problem))
        // A fold that writes into the row it was given would change it unseen: it throws instead.
        Object.freeze(after)
      }
      cells.push(cell)
      rows.push(after as Row | null)
    }
  }
  return null
}

function initialRow({ initial, keyColumns }: TablePlan, key: RowKey): Row {
  const row: Record<string, unknown> = { ...initial }
  for (let at = 0; at < keyColumns.length; at += 1) {
    const name = keyColumns[at]?.name
    if (name !== undefined) row[name] = key.values[at]
  }
  return Object.freeze(row)
}

function failure(reason: 'handler-error' | 'bad-row', error: unknown): Parking {
  const { code, detail } = failureOf(error)
  return { status: 'parked', reason, code: reason === 'bad-row' ? 'BAD_ROW' : code, detail, dueAt: null }
}
