// Shadow tables: empty ones of the same shape as the live ones, in a schema of their own. Indexes get the names that they have
// on the live table, or the next migration of the user's would not find them after the swap; grants go along.
import type { Statements } from '../database/database.ts'
import { replaySchemas } from './replay-names.ts'
import { quote, sqlName, type TableName } from './table-name.ts'

/** Pairs the indexes of two tables by what they index. */
const INDEX_PAIRS = `
WITH i AS (
  SELECT x.indrelid, c.relname::text AS name, d.def, row_number() OVER (PARTITION BY x.indrelid, d.def ORDER BY c.relname) AS place
  FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
  CROSS JOIN LATERAL (SELECT concat(x.indisprimary, x.indisunique, substring(pg_get_indexdef(x.indexrelid) FROM ' USING .*$')) AS def) d)
SELECT made.name AS made, live.name AS live FROM i live JOIN i made USING (def, place)
WHERE live.indrelid = $1::text::regclass AND made.indrelid = $2::text::regclass AND made.name <> live.name`

const GRANTS = `
SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, $2::text,
  CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS grant
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE c.oid = $1::text::regclass AND a.grantee <> c.relowner`

/** Makes the shadow tables anew. Inside a transaction of the caller's. */
export async function createShadowTables(statements: Statements, tables: readonly TableName[]): Promise<void> {
  await statements.execute(`CREATE SCHEMA IF NOT EXISTS ${replaySchemas.next}`)
  await dropTables(statements, replaySchemas.next, tables)
  for (const live of tables) {
    const shadow = { schema: replaySchemas.next, table: live.table }
    await statements.execute(`CREATE TABLE ${sqlName(shadow)} (LIKE ${sqlName(live)} INCLUDING ALL)`)
    await renameIndexes(statements, live, shadow)
    const grants = await statements.query<{ grant: string }>(GRANTS, sqlName(live), sqlName(shadow))
    for (const { grant } of grants) await statements.execute(grant)
  }
}

/** Drops tables of one of the schemas of a rebuild. */
export async function dropTables(
  statements: Statements,
  schema: (typeof replaySchemas)[keyof typeof replaySchemas],
  tables: readonly TableName[],
): Promise<void> {
  for (const { table } of tables) await statements.execute(`DROP TABLE IF EXISTS ${sqlName({ schema, table })}`)
}

async function renameIndexes(statements: Statements, live: TableName, shadow: TableName): Promise<void> {
  const pairs = await statements.query<{ made: string; live: string }>(INDEX_PAIRS, sqlName(live), sqlName(shadow))
  const rename = (from: string, to: string): Promise<number> =>
    statements.execute(`ALTER INDEX ${quote(shadow.schema)}.${quote(from)} RENAME TO ${quote(to)}`)
  // Through names of nobody, because two of them may change places.
  for (const [at, { made }] of pairs.entries()) await rename(made, `millrace_index_${at}`)
  for (const [at, { live: wanted }] of pairs.entries()) await rename(`millrace_index_${at}`, wanted)
}
