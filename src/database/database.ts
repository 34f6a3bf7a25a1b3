// What the engine asks of the database: statements through the project's Prisma client. Time is bounded on the server only
// (facts of Prisma's client-side timers: docs/decisions), and failures come back in three classes.
import type { MillracePrismaClient } from '../definition/define-producer.ts'

/** Runs statements; inside a transaction or outside of one. */
export interface Statements {
  /** Runs one statement and gives back its rows. Values stand for $1, $2 …; a bigint, Date, Buffer and JSON text pass as they are. */
  query<Row>(sql: string, ...values: readonly unknown[]): Promise<Row[]>
  /** Runs one statement and gives back how many rows it touched. */
  execute(sql: string, ...values: readonly unknown[]): Promise<number>
}

/**
 * The database. Every rejection is a MillraceError:
 * `MILLRACE_DATABASE_UNAVAILABLE` (retriable) when it cannot be reached, is shutting down, or a lock or statement took too long;
 * `MILLRACE_COMMIT_UNKNOWN` (retriable) when the connection broke after the statement was sent, so that it may or may not have
 * taken effect; `MILLRACE_DATABASE_REFUSED` (not retriable) when the data is at fault: constraint, range, type.
 */
export interface Database extends Statements {
  /** The project's Prisma client, for queries that people write. */
  readonly prisma: MillracePrismaClient
  /**
   * Runs `work` in one transaction at the given isolation (default: read committed). Never bounded by a client-side timer;
   * the server bounds locks, statements and idling.
   */
  transaction<Result>(
    work: (statements: Statements) => Promise<Result>,
    options?: { readonly isolation?: 'RepeatableRead' },
  ): Promise<Result>
  close(): Promise<void>
}
