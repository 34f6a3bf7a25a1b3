import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { buildCommitStatement } from '../checkpoint/commit-statement.ts'
import { PostgresCheckpoints } from '../checkpoint/postgres-checkpoints.ts'
import type { Model, ModelField } from '../database/model.ts'
import type { AnyTable } from '../definition/table.ts'
import type { Cells } from './fold-slice.ts'
import { loadCells, writeCells } from './load-cells.ts'
import { planTable, type Row, type TablePlan } from './table-plan.ts'

let database: ConsumerDatabase
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
  await database.execute(`CREATE TYPE public."Status" AS ENUM ('open', 'shut')`)
})
afterAll(async () => database.close())

const status = [
  { name: 'open', stored: 'open' },
  { name: 'closed', stored: 'shut' },
]
type Spec = readonly [sqlType: string, type: ModelField['type'], values: readonly unknown[]]

/** Every kind of column with values at its edges. */
const specs: readonly Spec[] = [
  ['text', 'String', ['', 'plain', '"quotes" \\ back\n€ \u{1F600}', 'null']],
  ['varchar(10)', 'String', ['ten chars.']],
  ['uuid', 'String', ['0190b6c1-7e5c-7a53-8d0a-2f3a4b5c6d7e']],
  ['boolean', 'Boolean', [true, false]],
  ['integer', 'Int', [0, 2 ** 31 - 1, -(2 ** 31)]],
  ['smallint', 'Int', [32_767]],
  ['bigint', 'BigInt', [0n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n]],
  ['double precision', 'Float', [0.1, -0, 5e-324, 1.7976931348623157e308, Number.NaN, Number.POSITIVE_INFINITY]],
  ['decimal(65,30)', 'Decimal', ['12345678901234567890.123456789012345678901234567890']],
  ['decimal(10,2)', 'Decimal', ['10.50', '-0.01']],
  [
    'timestamptz(3)',
    'DateTime',
    [new Date(0), new Date('2026-11-23T21:15:07.123Z'), new Date('9999-12-31T23:59:59.999Z')],
  ],
  [
    'timestamp(3)',
    'DateTime',
    [new Date(0), new Date('0001-01-01T00:00:00.000Z'), new Date('2026-03-29T01:30:00.001Z')],
  ],
  ['date', 'DateTime', [new Date('2026-02-28T00:00:00.000Z')]],
  ['time(3)', 'DateTime', [new Date('1970-01-01T23:59:59.999Z')]],
  ['jsonb', 'Json', [{ a: [1, 'x', null, { b: true }] }, [], 'text', 0, false]],
  ['json', 'Json', [{ b: 1, a: 2 }]],
  ['bytea', 'Bytes', [new Uint8Array([0, 255, 92]), new Uint8Array(0)]],
  ['"public"."Status"', 'Enum', ['open', 'closed']],
]

function fieldOf(name: string, [sqlType, type]: Spec, isList: boolean, isRequired: boolean): ModelField {
  const enumValues = type === 'Enum' ? status : []
  return {
    name,
    column: `c ${name}`,
    type,
    sqlType: isList ? `${sqlType}[]` : sqlType,
    isList,
    isRequired,
    hasDefault: false,
    enumValues,
  }
}

const key: ModelField = fieldOf('id', ['text', 'String', []], false, true)

async function makeTable(name: string, fields: readonly ModelField[]): Promise<TablePlan> {
  const columns = fields.map(({ column, sqlType }) => `"${column}" ${sqlType}`)
  await database.execute(`CREATE TABLE public."${name}" ("c id" text PRIMARY KEY, ${columns.join(', ')})`)
  const model: Model = { name, table: name, schema: 'public', fields: [key, ...fields], key: ['id'] }
  const initial = Object.fromEntries(
    fields.filter(({ isRequired, isList }) => isRequired && !isList).map(({ name: field }) => [field, 0]),
  )
  return planTable(model, 'public', { key: () => null, initial, evolve: {} } satisfies AnyTable)
}

/** Writes rows as a commit does, and loads them as the next batch does. */
async function roundTrip(plan: TablePlan, rows: readonly Row[]): Promise<readonly (Row | null | undefined)[]> {
  const cellsOf = (row: (each: Row) => Row | null): Cells =>
    new Map(
      rows.map((each) => [
        String(each['id']),
        { key: { text: String(each['id']), values: [each['id']] }, loaded: null, row: row(each) },
      ]),
    )
  const owner = new PostgresCheckpoints(
    database,
    plan.model,
    buildCommitStatement([plan.contribution]),
    () => new Date(),
  )
  const [fence] = await owner.claim([{ topic: 't', partition: 0 }])
  if (fence === undefined) throw new Error('nothing was claimed')
  const advance = { next: 1n, last: null, counts: { applied: 0, repeated: 0, filtered: 0, parked: 0 } }
  await owner.commit(
    database,
    fence,
    advance,
    writeCells(
      plan,
      cellsOf((row) => row),
    ),
  )
  const loaded = cellsOf(() => null)
  await loadCells(database, plan, loaded)
  return rows.map((row) => loaded.get(String(row['id']))?.loaded)
}

describe('columns', () => {
  it.each(specs.map((spec) => [spec[0], spec] as const))('keeps every value of %s', async (sqlType, spec) => {
    const name = `one ${sqlType.replaceAll('"', '')}`
    const plan = await makeTable(name, [fieldOf('value', spec, false, false)])
    const rows = [...spec[2], null].map((value, at) => ({ id: `row ${at}`, value }))
    expect(rows.map((row) => plan.columns[1]?.problem(row.value))).toEqual(rows.map(() => null))
    expect(await roundTrip(plan, rows)).toEqual(rows)
  })

  it.each(specs.map((spec) => [spec[0], spec] as const))('keeps lists of %s', async (sqlType, spec) => {
    const plan = await makeTable(`list ${sqlType.replaceAll('"', '')}`, [fieldOf('value', spec, true, true)])
    const rows = [
      { id: 'all', value: spec[2] },
      { id: 'none', value: [] },
    ]
    expect(await roundTrip(plan, rows)).toEqual(rows)
  })

  it.each(specs.map((spec) => [spec[0], spec] as const))('refuses what is no value of %s', (_sqlType, spec) => {
    const wrong = [undefined, Symbol('x'), new Map(), new Date(Number.NaN), () => 1]
    const plan = planTable(
      { name: 'm', table: 'm', schema: 's', key: ['id'], fields: [key, fieldOf('value', spec, false, false)] },
      's',
      { key: () => null, initial: {}, evolve: {} },
    )
    for (const value of wrong) expect(plan.columns[1]?.problem(value)).toMatch(/^expected /)
  })
})
