// The rebuilds of projections in millrace.rebuild. Who runs one holds it by a lease: its line says who, and how lately.
//
//   (none) ──begin──▶ running ──pause──▶ paused ──resume──▶ running ──swap──▶ swapped ──roll back──▶ rolled-back
//     running, paused ──abandon──▶ (none)        swapped, rolled-back ──begin──▶ running
//   A `running` whose lease ran out was killed, and is as good as paused.
import type { Database, Statements } from '../database/database.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { deleteConsumer } from './rename-consumer.ts'
import { replaySchemas, shadowConsumer } from './replay-names.ts'
import { createShadowTables, dropTables } from './shadow-tables.ts'
import type { TableName } from './table-name.ts'

export interface RebuildRow {
  readonly version: number
  readonly state: 'running' | 'paused' | 'swapped' | 'rolled-back'
  readonly owner: string | null
  /** Its lease has not run out. */
  readonly isHeld: boolean
}

/** After this long without a sign of life a rebuild counts as killed, in milliseconds. */
const leaseMs = 5_000

export class PostgresRebuilds {
  readonly #database: Database
  readonly #projection: string

  constructor(database: Database, projection: string) {
    this.#database = database
    this.#projection = projection
  }

  async find(): Promise<RebuildRow | null> {
    return findRow(this.#database, this.#projection)
  }

  /**
   * Begins a rebuild: fresh shadow tables, no checkpoint.
   * @throws MillraceError `MILLRACE_REBUILD_RUNS`, `MILLRACE_REBUILD_PAUSED`
   */
  begin(version: number, tables: readonly TableName[], owner: string): Promise<void> {
    return this.#locked(async (statements, row) => {
      refuseHeld(this.#projection, row)
      if (row !== null && (row.state === 'running' || row.state === 'paused')) {
        throw new MillraceError(
          'MILLRACE_REBUILD_PAUSED',
          `A rebuild of ${this.#projection} is under way and paused: go on with --resume, or drop it with --abandon.`,
        )
      }
      await deleteConsumer(statements, shadowConsumer(this.#projection, version))
      await createShadowTables(statements, tables)
      await statements.execute(
        `INSERT INTO millrace.rebuild (projection, version, state, detail) VALUES ($1, $2::int, 'running', $3::jsonb)
         ON CONFLICT (projection) DO UPDATE SET version = excluded.version, state = 'running', detail = excluded.detail,
           started_at = now(), updated_at = now()`,
        this.#projection,
        version,
        JSON.stringify({ owner }),
      )
    })
  }

  /**
   * Takes up a rebuild that was paused or killed.
   * @throws MillraceError `MILLRACE_REBUILD_RUNS`, `MILLRACE_REBUILD_MISSING`, `MILLRACE_REBUILD_OUTDATED`
   */
  resume(version: number, owner: string): Promise<void> {
    return this.#locked(async (statements, row) => {
      refuseHeld(this.#projection, row)
      const open = refuseMissing(this.#projection, row)
      if (open.version !== version) {
        throw new MillraceError(
          'MILLRACE_REBUILD_OUTDATED',
          `The rebuild of ${this.#projection} was begun for version ${open.version}, and the definition is version ${version} now: --abandon it and begin anew.`,
        )
      }
      await statements.execute(
        `UPDATE millrace.rebuild SET state = 'running', detail = $2::jsonb, updated_at = now() WHERE projection = $1`,
        this.#projection,
        JSON.stringify({ owner }),
      )
    })
  }

  /** Shows that the owner is alive. False when the rebuild is no longer its own. */
  async renew(owner: string): Promise<boolean> {
    const renewed = await this.#database.execute(
      `UPDATE millrace.rebuild SET updated_at = now() WHERE projection = $1 AND detail->>'owner' = $2`,
      this.#projection,
      owner,
    )
    return renewed === 1
  }

  /** Ends the owner's lease; a rebuild that still runs is paused. */
  async release(owner: string): Promise<void> {
    await this.#database.execute(
      `UPDATE millrace.rebuild SET detail = detail - 'owner', updated_at = now(),
         state = CASE WHEN state = 'running' THEN 'paused' ELSE state END
       WHERE projection = $1 AND detail->>'owner' = $2`,
      this.#projection,
      owner,
    )
  }

  /**
   * Drops a rebuild with its shadow tables.
   * @throws MillraceError `MILLRACE_REBUILD_RUNS`, `MILLRACE_REBUILD_MISSING`
   */
  abandon(tables: readonly TableName[]): Promise<void> {
    return this.#locked(async (statements, row) => {
      refuseHeld(this.#projection, row)
      const { version } = refuseMissing(this.#projection, row)
      await deleteConsumer(statements, shadowConsumer(this.#projection, version))
      await dropTables(statements, replaySchemas.next, tables)
      await statements.execute('DELETE FROM millrace.rebuild WHERE projection = $1', this.#projection)
    })
  }

  /** Runs `work` under the lock of the projection's line in millrace.live, which is always there. */
  #locked(work: (statements: Statements, row: RebuildRow | null) => Promise<void>): Promise<void> {
    return this.#database.transaction(async (statements) => {
      await statements.query('SELECT 1 AS held FROM millrace.live WHERE projection = $1 FOR UPDATE', this.#projection)
      await work(statements, await findRow(statements, this.#projection))
    })
  }
}

async function findRow(statements: Statements, projection: string): Promise<RebuildRow | null> {
  const [row] = await statements.query<RebuildRow>(
    `SELECT version, state, detail->>'owner' AS owner,
       detail->>'owner' IS NOT NULL AND updated_at > now() - make_interval(secs => $2::int / 1000.0) AS "isHeld"
     FROM millrace.rebuild WHERE projection = $1`,
    projection,
    leaseMs,
  )
  return row ?? null
}

function refuseHeld(projection: string, row: RebuildRow | null): void {
  if (row?.isHeld !== true) return
  throw new MillraceError(
    'MILLRACE_REBUILD_RUNS',
    `A rebuild of ${projection} runs already (${row.owner}). Watch that one, or stop it with Ctrl-C where it runs; one that was killed can be taken up after ${leaseMs / 1000} s.`,
  )
}

function refuseMissing(projection: string, row: RebuildRow | null): RebuildRow {
  if (row !== null && (row.state === 'running' || row.state === 'paused')) return row
  throw new MillraceError(
    'MILLRACE_REBUILD_MISSING',
    `No rebuild of ${projection} is under way: begin one with \`millrace rebuild ${projection}\`.`,
  )
}
