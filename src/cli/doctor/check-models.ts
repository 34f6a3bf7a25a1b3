// Looks whether every model that the engine writes or serves has its table and its columns: a migration that was never written
// shows here, and nowhere else before the first event waits for it.
import type { Models } from '../../database/model.ts'
import type { Statements } from '../../database/database.ts'
import type { Finding } from './finding.ts'

export async function checkModels(models: Models, database: Statements): Promise<Finding> {
  const wanted = [...models.values()].flatMap(({ name, schema, table, fields }) =>
    fields.map(({ column }) => ({ model: name, schema, table, column })),
  )
  const missing = await database.query<{ model: string; column: string; has_table: boolean }>(
    `WITH wanted AS (
       SELECT x.*, to_regclass(format('%I.%I', x.schema, x."table")) AS relation
       FROM json_to_recordset($1::json) AS x(model text, schema text, "table" text, "column" text))
     SELECT w.model, w."column", w.relation IS NOT NULL AS has_table FROM wanted w
     WHERE NOT EXISTS (SELECT FROM pg_attribute a
       WHERE a.attrelid = w.relation AND a.attname = w."column" AND a.attnum > 0 AND NOT a.attisdropped)
     ORDER BY w.model, w."column"`,
    JSON.stringify(wanted),
  )
  const subject = 'tables of models'
  if (missing.length === 0) return { subject, state: 'ok', detail: `${models.size} models have their columns` }
  const details = missing.map(({ model, column, has_table: hasTable }) =>
    hasTable ? `${model} has no column ${column}` : `${model} has no table`,
  )
  const fix = 'write the migration: `npx prisma migrate dev --name <what>`, or run `millrace migrate` if it is there'
  return { subject, state: 'fail', detail: [...new Set(details)].join('; '), fix }
}
