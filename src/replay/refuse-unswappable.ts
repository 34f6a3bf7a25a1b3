// What hinders a table from being swapped for another one of the same shape: whatever hangs on the table itself and not on its
// name would stay with the table that is put aside.
import type { Statements } from '../database/database.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { TableName } from './table-name.ts'

/** One hindrance. */
export interface Unswappable {
  readonly table: string
  /** `trigger`, `view`, `foreign key` … */
  readonly kind: string
  /** Its name. */
  readonly object: string
}

const FIND = `
WITH wanted AS (SELECT x.schema, x.tab FROM json_to_recordset($1::json) AS x(schema text, tab text)),
t AS (
  SELECT w.schema || '.' || w.tab AS name, c.oid, c.reltype, c.relkind, c.relispartition
  FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.tab)
SELECT * FROM (
  SELECT w.schema || '.' || w.tab AS "table", 'missing table' AS kind, w.tab AS object FROM wanted w
  WHERE to_regclass(format('%I.%I', w.schema, w.tab)) IS NULL
  UNION ALL SELECT t.name, 'identity column', a.attname::text FROM t JOIN pg_attribute a ON a.attrelid = t.oid
    WHERE a.attidentity <> '' AND NOT a.attisdropped
  UNION ALL SELECT t.name, 'serial column', a.attname::text FROM t JOIN pg_attrdef d ON d.adrelid = t.oid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.adnum
    JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass
    JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
  UNION ALL SELECT t.name, 'trigger', g.tgname::text FROM t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
  UNION ALL SELECT DISTINCT t.name, 'view', v.relname::text FROM t
    JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass AND p.refobjid = t.oid AND p.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite r ON r.oid = p.objid JOIN pg_class v ON v.oid = r.ev_class WHERE v.oid <> t.oid
  UNION ALL SELECT t.name, 'rule', r.rulename::text FROM t JOIN pg_rewrite r ON r.ev_class = t.oid WHERE t.relkind <> 'v'
  UNION ALL SELECT DISTINCT t.name, 'foreign key', f.conname::text FROM t
    JOIN pg_constraint f ON f.contype = 'f' AND (f.conrelid = t.oid OR f.confrelid = t.oid)
  UNION ALL SELECT t.name, 'row level policy', p.polname::text FROM t JOIN pg_policy p ON p.polrelid = t.oid
  UNION ALL SELECT t.name, 'publication', b.pubname::text FROM t
    JOIN pg_publication_rel r ON r.prrelid = t.oid JOIN pg_publication b ON b.oid = r.prpubid
  UNION ALL SELECT DISTINCT t.name, 'function', f.proname::text FROM t
    JOIN pg_depend p ON p.refclassid = 'pg_type'::regclass AND p.refobjid = t.reltype AND p.classid = 'pg_proc'::regclass
    JOIN pg_proc f ON f.oid = p.objid
  UNION ALL SELECT t.name, 'partition or view', t.name FROM t WHERE t.relkind <> 'r' OR t.relispartition
  UNION ALL SELECT t.name, 'child table', i.inhrelid::regclass::text FROM t JOIN pg_inherits i ON i.inhparent = t.oid
) found ORDER BY 1, 2, 3`

/** Everything that hinders the swap of tables. */
export function findUnswappable(statements: Statements, tables: readonly TableName[]): Promise<readonly Unswappable[]> {
  const wanted = tables.map(({ schema, table }) => ({ schema, tab: table }))
  return statements.query<Unswappable>(FIND, JSON.stringify(wanted))
}

/** @throws MillraceError `MILLRACE_TABLES_UNSWAPPABLE` naming every hindrance */
export async function refuseUnswappable(statements: Statements, tables: readonly TableName[]): Promise<void> {
  const found = [...(await findUnswappable(statements, tables))]
  // Shadow tables of all schemas lie in one.
  const names = new Set<string>()
  for (const { schema, table } of tables) {
    if (names.has(table)) found.push({ table: `${schema}.${table}`, kind: 'table of the same name', object: table })
    names.add(table)
  }
  if (found.length === 0) return
  const lines = found.map(({ table, kind, object }) => `- ${table}: ${kind} ${object}`)
  throw new MillraceError(
    'MILLRACE_TABLES_UNSWAPPABLE',
    `These hang on the tables themselves and would stay with the old ones at a swap; drop them, or give the rows another home:\n${lines.join('\n')}`,
  )
}
