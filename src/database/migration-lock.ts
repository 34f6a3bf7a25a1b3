// One runner of migrations at a time in a database: the others wait. The lock ends with the connection.
import pg from 'pg'

import { MillraceError } from '../errors/millrace-error.ts'

const WAIT_SECONDS = 60
const LOCK_NOT_AVAILABLE = '55P03'

/** @throws MillraceError `MILLRACE_MIGRATION_LOCKED` (retriable) when another runner does not finish in time */
export async function holdMigrationLock(client: pg.Client, key: number): Promise<void> {
  await client.query(`SET lock_timeout = '${WAIT_SECONDS}s'`)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [key])
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError && cause.code === LOCK_NOT_AVAILABLE)) throw cause
    throw new MillraceError(
      'MILLRACE_MIGRATION_LOCKED',
      `Another process has been applying migrations to this database for over ${WAIT_SECONDS} s: wait for it to finish, or end it.`,
      { retriable: true, cause },
    )
  }
  await client.query('RESET lock_timeout')
}
