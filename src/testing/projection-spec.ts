// given/when/then for projections, without a broker and a database. Between topics and between keys there is no order on the
// log, so the spec tries the orders in which the events may come and asks that all of them give the same rows.
import { AssertionError } from 'node:assert'
import { isDeepStrictEqual, inspect } from 'node:util'
import type { Projection } from '../definition/define-projection.ts'
import type { Event } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import type { AnyTable, ModelName, RowOf } from '../definition/table.ts'
import { checkData } from './check-data.ts'
import { foldTable, keysOf, keyText } from './fold-table.ts'
import type { SpecRow, SpecRows } from './fold-table.ts'
import { interleavings } from './interleavings.ts'
import { specEvent } from './spec-event.ts'

/** A row as a test writes it: fields that may be null can be left out, and then have to be null. */
export type ExpectedRow<Row> = {
  readonly [Field in keyof Row as null extends Row[Field] ? never : Field]: Row[Field]
} & { readonly [Field in keyof Row as null extends Row[Field] ? Field : never]?: Row[Field] }

/** All rows of each named model; models that are not named are not looked at. */
export type ExpectedRows = { readonly [M in ModelName]?: readonly ExpectedRow<RowOf<M>>[] }

export interface ProjectionSpec {
  /** Events before those in question; tells a test's story, and counts like the others. */
  readonly given: (events: readonly Emission[]) => ProjectionSpec
  /** The events in question. */
  readonly when: (events: readonly Emission[]) => ProjectionSpec
  /**
   * Folds the events in every order that keeps the events of one key of one topic in order (at most 1,000 orders), and compares
   * all rows of the named models.
   * @throws AssertionError with the first order that gives other rows, `MILLRACE_EVENT_INVALID` for data that is not of its schema
   */
  readonly then: (expected: ExpectedRows) => void
}

/** Begins a test of a projection: `projectionSpec(p).given([…]).when([…]).then({ Model: [row] })`. */
export function projectionSpec(projection: Projection): ProjectionSpec {
  return after(projection, [])
}

function after(projection: Projection, emissions: readonly Emission[]): ProjectionSpec {
  const more = (events: readonly Emission[]): ProjectionSpec => after(projection, [...emissions, ...events])
  return {
    given: more,
    when: more,
    // oxlint-disable-next-line unicorn/no-thenable -- given/when/then is the name people look for; a spec is never awaited itself.
    then: (expected) => {
      checkData(emissions)
      const events = emissions.map(specEvent)
      for (const order of interleavings(lanesOf(events))) {
        for (const [model, rows] of Object.entries<readonly SpecRow[]>(expected))
          compare(projection, model, order, rows)
      }
    },
  }
}

function lanesOf(events: readonly Event[]): readonly (readonly Event[])[] {
  const lanes = new Map<string, Event[]>()
  for (const event of events) {
    const lane = JSON.stringify([event.topic, event.key ?? event.id])
    lanes.set(lane, [...(lanes.get(lane) ?? []), event])
  }
  return [...lanes.values()]
}

function compare(projection: Projection, model: string, order: readonly Event[], expected: readonly SpecRow[]): void {
  const table = projection.tables[model]
  if (table === undefined) throw new TypeError(`projection ${projection.name} has no table ${model}`)
  const rows: SpecRows = new Map()
  const keyField = findKeyField(table, order, expected)
  for (const event of order) foldTable(table, rows, event, keyField)
  const actual = sorted([...rows.values()])
  if (isDeepStrictEqual(actual, sorted(expected))) return
  throw new AssertionError({
    message: `${model} has other rows than expected after ${describe(order)}\n${inspect({ expected, actual }, { depth: 6 })}`,
    expected: sorted(expected),
    actual,
  })
}

/** The field of a single key: the one whose value in each expected row is a key that the events give, and not a folded field. */
function findKeyField(table: AnyTable, events: readonly Event[], expected: readonly SpecRow[]): string | null {
  const keys = new Set(events.flatMap((event) => keysOf(table, event).map(keyText)))
  const fields = Object.keys(expected[0] ?? {}).filter((field) => !(field in table.initial))
  return fields.find((field) => expected.every((row) => keys.has(keyText(row[field])))) ?? null
}

/** Rows in one order, without the fields that are null. */
function sorted(rows: readonly SpecRow[]): readonly SpecRow[] {
  return rows
    .map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined)))
    .map((row): [string, SpecRow] => [inspect(row, { sorted: true, depth: 6 }), row])
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, row]) => row)
}

function describe(order: readonly Event[]): string {
  return order.map(({ type, topic, key }) => `${type} (${topic}, ${key ?? 'no key'})`).join(', ')
}
