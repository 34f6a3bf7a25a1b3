// Tables that are to change places must still have the same columns: a migration may have come in between.
import type { Statements } from '../database/database.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { sqlName, type TableName } from './table-name.ts'

const DIFFERENCES = `
WITH a AS (SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped),
  b AS (SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull FROM pg_attribute
    WHERE attrelid = $2::text::regclass AND attnum > 0 AND NOT attisdropped)
SELECT attname::text AS column FROM a FULL JOIN b USING (attname)
WHERE a.type IS DISTINCT FROM b.type OR a.attnotnull IS DISTINCT FROM b.attnotnull`

/**
 * Refuses tables whose columns differ from those of the same name in another schema.
 * @throws MillraceError `MILLRACE_TABLES_DIFFER`
 */
export async function refuseColumnDifferences(
  statements: Statements,
  tables: readonly TableName[],
  schema: string,
  whatToDo: string,
): Promise<void> {
  for (const live of tables) {
    const other = { schema, table: live.table }
    const rows = await statements.query<{ column: string }>(DIFFERENCES, sqlName(live), sqlName(other))
    if (rows.length === 0) continue
    throw new MillraceError(
      'MILLRACE_TABLES_DIFFER',
      `${sqlName(live)} and ${sqlName(other)} differ in ${rows.map(({ column }) => column).join(', ')}: a migration came in between. ${whatToDo}`,
    )
  }
}
