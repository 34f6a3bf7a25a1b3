// Opens the user's database: their generated Prisma client over a pool of its own. Time is bounded by the server only: Prisma's
// transaction timer can commit one half of a transaction and roll back the other, so it is set to never.
import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'

import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'

import type { MillracePrismaClient } from '../definition/define-producer.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { connectionSettings, schemaOf } from './connection-settings.ts'
import { databaseError, type StatementPlace } from './database-error.ts'
import type { Database, Statements } from './database.ts'
import type { PrismaClientLike, PrismaTransactionLike } from './prisma-client-like.ts'

export interface ConnectOptions {
  /** The module of the generated client, e.g. prisma/generated/client/client.ts. Loading a .ts file needs tsx. */
  readonly clientFile: string
  readonly url: string
  /** Connections at most (default: 10). */
  readonly poolSize?: number
  /** How long a statement may wait for a lock, in milliseconds (default: 5000). */
  readonly lockTimeoutMs?: number
  /** How long a statement may run, in milliseconds (default: 30000). */
  readonly statementTimeoutMs?: number
  /** How long a transaction may sit between two statements before the server ends it, in milliseconds (default: 10000). */
  readonly idleInTransactionTimeoutMs?: number
  /** The name that Postgres shows for these connections (default: millrace). */
  readonly applicationName?: string
  /** Told when a connection is cut while nobody uses it; the pool opens another one when it is needed. */
  readonly onConnectionLost?: (error: Error) => void
}

/** The longest time that a timer of Node can hold: never, for Prisma's timers. */
const NEVER_MS = 2 ** 31 - 1

/** Statements with a name are kept by the server for each connection; more texts than this are parsed each time. */
const MAX_NAMED_STATEMENTS = 1000

/**
 * Loads the generated Prisma client and makes the database of it. Opens no connection yet: a database that is down shows at the
 * first statement.
 * @throws MillraceError `MILLRACE_PRISMA_CLIENT_MISSING` when the client was not generated
 */
export async function connect(options: ConnectOptions): Promise<Database> {
  const PrismaClient = await loadPrismaClient(options.clientFile)
  const pool = new pg.Pool({
    ...connectionSettings(options.url),
    max: options.poolSize ?? 10,
    application_name: options.applicationName ?? 'millrace',
    // Also how long a statement waits for a free connection.
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    lock_timeout: options.lockTimeoutMs ?? 5000,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
  })
  // Without a listener a cut idle connection would end the process.
  pool.on('error', (error) => options.onConnectionLost?.(error))
  const adapter = new PrismaPg(pool, { schema: schemaOf(options.url), statementNameGenerator: statementNames() })
  const prisma = new PrismaClient({ adapter, transactionOptions: { maxWait: NEVER_MS, timeout: NEVER_MS } })

  return {
    ...statementsOf(prisma, 'alone'),
    prisma,
    transaction: async (work, { isolation } = {}) =>
      runTransaction(prisma, work, isolation === undefined ? {} : { isolationLevel: isolation }),
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

function statementsOf(client: PrismaTransactionLike, place: StatementPlace): Statements {
  return {
    async query<Row>(sql: string, ...values: readonly unknown[]) {
      try {
        return (await client.$queryRawUnsafe(sql, ...values)) as Row[]
      } catch (error) {
        throw databaseError(error, place)
      }
    },
    async execute(sql, ...values) {
      try {
        return await client.$executeRawUnsafe(sql, ...values)
      } catch (error) {
        throw databaseError(error, place)
      }
    },
  }
}

/** An error of `work` itself goes through as it is; one of BEGIN or COMMIT becomes ours. */
async function runTransaction<Result>(
  prisma: PrismaClientLike,
  work: (statements: Statements) => Promise<Result>,
  options: { readonly isolationLevel?: 'RepeatableRead' },
): Promise<Result> {
  let phase: 'begin' | 'work' | 'commit' = 'begin'
  try {
    return await prisma.$transaction(async (transaction) => {
      phase = 'work'
      const result = await work(statementsOf(transaction, 'in a transaction'))
      phase = 'commit'
      return result
    }, options)
  } catch (error) {
    // The compiler does not see that the function above has run.
    const failedIn = phase as 'begin' | 'work' | 'commit'
    if (failedIn === 'work') throw error
    throw databaseError(error, failedIn === 'commit' ? 'at commit' : 'in a transaction')
  }
}

/** Names the texts that come first; a program has few of them, and one that builds texts must not fill the server's memory. */
function statementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    let name = names.get(sql)
    if (name === undefined && names.size < MAX_NAMED_STATEMENTS) {
      // A name is at most 63 bytes, so it is a digest.
      name = createHash('md5').update(sql).digest('hex')
      names.set(sql, name)
    }
    return name ?? ''
  }
}

type PrismaClientClass = new (options: {
  readonly adapter: PrismaPg
  readonly transactionOptions: { readonly maxWait: number; readonly timeout: number }
}) => PrismaClientLike & MillracePrismaClient

async function loadPrismaClient(file: string): Promise<PrismaClientClass> {
  let module: { readonly PrismaClient?: PrismaClientClass }
  try {
    module = (await import(pathToFileURL(file).href)) as typeof module
  } catch (cause) {
    throw missing(file, cause)
  }
  if (!module.PrismaClient) throw missing(file)
  return module.PrismaClient
}

function missing(file: string, cause?: unknown): MillraceError {
  const detail = cause instanceof Error ? ` (${cause.message})` : ''
  return new MillraceError(
    'MILLRACE_PRISMA_CLIENT_MISSING',
    `The Prisma client could not be loaded from ${file}: run \`npx prisma generate\`.${detail}`,
    { cause },
  )
}
