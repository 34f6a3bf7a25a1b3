import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import type { Database } from '../database/database.ts'
import { createShadowTables } from './shadow-tables.ts'
import { findUnswappable, refuseUnswappable } from './refuse-unswappable.ts'

let database: Database
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

/** Makes the table `name` and what hangs on it, `$` being the table. */
async function make(name: string, columns: string, ...more: readonly string[]): Promise<void> {
  await database.execute(`CREATE TABLE public.${name} (id text PRIMARY KEY, ${columns})`)
  for (const sql of more) await database.execute(sql.replaceAll('$', `public.${name}`))
}

describe('a table that cannot be swapped', () => {
  it.each([
    ['serials', 'n serial', [], 'serial column', 'n'],
    ['identities', 'n int GENERATED ALWAYS AS IDENTITY', [], 'identity column', 'n'],
    ['viewed', 'n int', ['CREATE VIEW seen AS SELECT n FROM $'], 'view', 'seen'],
    [
      'foreign_to',
      'n int',
      ['CREATE TABLE child (id text CONSTRAINT child_fk REFERENCES $)'],
      'foreign key',
      'child_fk',
    ],
    ['ruled', 'n int', ['CREATE RULE nothing AS ON DELETE TO $ DO INSTEAD NOTHING'], 'rule', 'nothing'],
    ['policed', 'n int', ['CREATE POLICY mine ON $ USING (true)'], 'row level policy', 'mine'],
    ['published', 'n int', ['CREATE PUBLICATION news FOR TABLE $'], 'publication', 'news'],
    ['inherited', 'n int', ['CREATE TABLE heir () INHERITS ($)'], 'child table', 'heir'],
    ['typed', 'n int', ["CREATE FUNCTION pick() RETURNS SETOF $ LANGUAGE sql AS 'TABLE $'"], 'function', 'pick'],
  ])('names what hangs on %s', async (name, columns, more, kind, object) => {
    await make(name, columns, ...more)
    const found = await findUnswappable(database, [{ schema: 'public', table: name }])
    expect(found).toEqual([{ table: `public.${name}`, kind, object }])
    await expect(refuseUnswappable(database, [{ schema: 'public', table: name }])).rejects.toThrow(
      `public.${name}: ${kind} ${object}`,
    )
  })

  it('may be missing, have a trigger, or share its name with another of the projection', async () => {
    await make('triggered', 'n int')
    await database.execute(`CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`)
    await database.execute(
      'CREATE TRIGGER watcher BEFORE INSERT ON public.triggered FOR EACH ROW EXECUTE FUNCTION watch()',
    )
    const tables = [
      { schema: 'public', table: 'nowhere' },
      { schema: 'public', table: 'triggered' },
      { schema: 'other', table: 'triggered' },
    ]
    await expect(refuseUnswappable(database, tables)).rejects.toThrow(
      /other\.triggered: missing table[^]*nowhere: missing table[^]*trigger watcher[^]*table of the same name/,
    )
  })
})

it('makes a shadow table with the names of indexes and the grants of the live one', async () => {
  const role = 'reader_of_shadows'
  await make(
    'plain',
    `n int NOT NULL DEFAULT 3 CHECK (n > 0), doubled int GENERATED ALWAYS AS (n * 2) STORED, label varchar(9)`,
    'CREATE INDEX a_name_of_its_own ON $ (n, label)',
    'CREATE UNIQUE INDEX plain_label_idx ON $ (lower(label)) WHERE n > 1',
    'CREATE INDEX plain_lower_idx ON $ (label DESC)',
    'ALTER INDEX public.plain_pkey RENAME TO key_of_plain',
    `CREATE ROLE ${role}`,
    `GRANT SELECT, INSERT ON $ TO ${role}`,
  )
  const tables = [{ schema: 'public', table: 'plain' }]
  expect(await findUnswappable(database, tables)).toEqual([])
  await database.transaction((statements) => createShadowTables(statements, tables))
  const indexes = (schema: string): Promise<unknown[]> =>
    database.query(
      `SELECT indexname::text AS name, replace(indexdef, schemaname || '.', '') AS def FROM pg_indexes
       WHERE schemaname = $1 AND tablename = 'plain' ORDER BY 1`,
      schema,
    )
  expect(await indexes('millrace_next')).toEqual(await indexes('public'))
  expect(await indexes('public')).toHaveLength(4)
  const [granted] = await database.query(
    `SELECT has_table_privilege($1, 'millrace_next.plain', 'SELECT') AS reads, has_table_privilege($1, 'millrace_next.plain', 'DELETE') AS deletes`,
    role,
  )
  expect(granted).toEqual({ reads: true, deletes: false })
  await database.execute(`DROP OWNED BY ${role}`)
  await database.execute(`DROP ROLE ${role}`)
})
