// The fold of one table in memory, as the engine does it: rows by key, the initial row where there is none, null deletes.
import type { Event } from '../definition/event-type.ts'
import type { AnyTable } from '../definition/table.ts'

/** A row by name of field. */
export type SpecRow = Readonly<Record<string, unknown>>

/** The rows of a table by their key, written as text. */
export type SpecRows = Map<string, SpecRow>

/** The keys that a table gives an event. */
export function keysOf(table: AnyTable, event: Event): readonly unknown[] {
  const key = (table.key as (event: Event) => unknown)(event)
  if (key === null) return []
  return Array.isArray(key) ? (key as unknown[]) : [key]
}

/** A key as text: equal keys, equal text. */
export function keyText(key: unknown): string {
  return JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

/**
 * Folds one event into `rows`. `keyField` names the field of a single key; a key of several fields names them itself.
 */
export function foldTable(table: AnyTable, rows: SpecRows, event: Event, keyField: string | null): void {
  for (const key of keysOf(table, event)) {
    const evolve = table.evolve[event.type] as ((row: SpecRow, event: Event) => SpecRow | null) | undefined
    if (evolve === undefined && event.type !== 'Tombstone') continue
    const text = keyText(key)
    const row = rows.get(text)
    const known = row ?? { ...table.initial, ...keyFields(key, keyField) }
    const next = evolve === undefined ? null : evolve(known, event)
    if (next === null) rows.delete(text)
    // The row it was given, returned as it is, writes nothing: an initial row does not come into being by that.
    else if (next !== known) rows.set(text, next)
  }
}

function keyFields(key: unknown, keyField: string | null): SpecRow {
  if (typeof key === 'object' && key !== null && !(key instanceof Date)) return key as SpecRow
  return keyField === null ? {} : { [keyField]: key }
}
