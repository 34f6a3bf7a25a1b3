// What a table's `key` function returns, as keys of rows.
import type { Event } from '../definition/event-type.ts'
import type { Column } from './column.ts'
import type { RowKey, TablePlan } from './table-plan.ts'

const none: readonly RowKey[] = []

/**
 * The rows that an event touches, each once.
 * @throws Error naming the field for a key that is none
 */
export function rowKeysOf(plan: TablePlan, event: Event): readonly RowKey[] {
  const keys = (plan.table.key as (event: Event) => unknown)(event)
  if (keys === null) return none
  if (!Array.isArray(keys)) return [rowKey(plan, keys)]
  const found = new Map<string, RowKey>()
  for (const each of keys) {
    const key = rowKey(plan, each)
    found.set(key.text, key)
  }
  return [...found.values()]
}

function rowKey({ keyColumns, model }: TablePlan, key: unknown): RowKey {
  const [only, ...others] = keyColumns
  if (only !== undefined && others.length === 0) {
    const value = checked(model, only, key)
    return { text: keyText(only, value), values: [value] }
  }
  const parts = typeof key === 'object' && key !== null ? (key as Record<string, unknown>) : {}
  const values = keyColumns.map((column) => checked(model, column, parts[column.name]))
  return { text: JSON.stringify(keyColumns.map((column, index) => keyText(column, values[index]))), values }
}

function checked(model: string, column: Column, value: unknown): unknown {
  const problem = column.problem(value)
  if (problem !== null) throw new Error(`the key of ${model} has a wrong ${column.name}: ${problem}`)
  // Upper and lower case are one UUID.
  return column.field.sqlType === 'uuid' ? (value as string).toLowerCase() : value
}

/** Equal for equal values. */
export function keyText(column: Column, value: unknown): string {
  return typeof value === 'string' ? value : column.write(value)
}
