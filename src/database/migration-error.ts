// What Postgres says about a statement of a migration, as an error that names the migration, the line, and the way out.
import pg from 'pg'

import { MillraceError } from '../errors/millrace-error.ts'

/** `state` says what became of the migration and what to do. */
export function migrationError(name: string, sql: string, cause: unknown, state: string): MillraceError {
  if (!(cause instanceof pg.DatabaseError)) {
    return new MillraceError(
      'MILLRACE_MIGRATION_FAILED',
      `Migration ${name} was cut short: ${String(cause)}. ${state}`,
      {
        retriable: true,
        cause,
      },
    )
  }
  const line = cause.position === undefined ? undefined : sql.slice(0, Number(cause.position) - 1).split('\n').length
  const place = line === undefined ? '' : `, line ${line}`
  const detail = cause.detail === undefined ? '' : ` (${cause.detail})`
  return new MillraceError(
    'MILLRACE_MIGRATION_FAILED',
    `Migration ${name}${place}: ${cause.message}${detail}. ${state}`,
    { cause, context: { migration: name, ...(line !== undefined && { line }) } },
  )
}
