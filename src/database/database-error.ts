// Sorts what Prisma and Postgres throw into the three classes that the engine acts on: pause and try again, read back what
// happened, or park the event. Only the data itself is ever a reason to park, so everything unclear is a reason to pause.
import { MillraceError } from '../errors/millrace-error.ts'

/** Where a statement was when it failed: by itself, inside a transaction, or as the COMMIT of one. */
export type StatementPlace = 'alone' | 'in a transaction' | 'at commit'

/** What the Postgres adapter of Prisma hides in an error's `meta`. */
interface AdapterCause {
  readonly kind?: string
  readonly originalCode?: string
  readonly originalMessage?: string
}

/**
 * SQLSTATE classes where the data is at fault: exception in data, constraint, check option, a value beyond a limit of Postgres
 * (a key too long for its index, JSON too deep), RAISE in a user's function.
 */
const DATA_AT_FAULT = /^(22|23|44|54|P0)/

/** The server ended the connection: operator, crash, or shutdown. */
const ENDED_BY_SERVER = new Set(['57P01', '57P02', '08006', '08003', '08000'])

/** A table, column or type that is not there: mostly a migration that was not written or not run. */
const NOT_THERE = new Set(['42P01', '42703', '42704'])

/** The connection was never there, so nothing was sent. */
const NEVER_SENT = /can't reach database|timeout exceeded when trying to connect|ECONNREFUSED|ENOTFOUND/i

/** An error of the driver as a MillraceError; one that is already is given back as it is. */
export function databaseError(error: unknown, place: StatementPlace): MillraceError {
  if (error instanceof MillraceError) return error
  const { name, message, sqlState } = inspect(error)
  const context = sqlState === undefined ? {} : { sqlState }

  if (name === 'PrismaClientValidationError' || (sqlState && DATA_AT_FAULT.test(sqlState))) {
    return new MillraceError('MILLRACE_DATABASE_REFUSED', `The database refused the data: ${message}`, {
      cause: error,
      context,
    })
  }
  const isBroken = sqlState === undefined ? !NEVER_SENT.test(message) : ENDED_BY_SERVER.has(sqlState)
  if (isBroken && place !== 'in a transaction') {
    return new MillraceError(
      'MILLRACE_COMMIT_UNKNOWN',
      `The connection to the database broke after the statement was sent, so it may or may not have taken effect: read it back. (${message})`,
      { retriable: true, cause: error, context },
    )
  }
  const next =
    sqlState !== undefined && NOT_THERE.has(sqlState)
      ? 'is a migration missing? `millrace doctor` tells'
      : "look at DATABASE_URL and the server's log if it stays"
  return new MillraceError(
    'MILLRACE_DATABASE_UNAVAILABLE',
    `The database could not do it now: ${message}. It is tried again; ${next}.`,
    { retriable: true, cause: error, context },
  )
}

function inspect(error: unknown): { name: string; message: string; sqlState: string | undefined } {
  if (!(error instanceof Error)) return { name: '', message: String(error), sqlState: undefined }
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: AdapterCause } } }
  const cause = meta?.driverAdapterError?.cause
  // Prisma's own text begins with lines about where it was called from.
  const message = cause?.originalMessage ?? error.message.trim().split('\n').at(-1) ?? ''
  return { name: error.name, message, sqlState: cause?.originalCode }
}
