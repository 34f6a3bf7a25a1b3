// The work of a projection for a slice: keys, one load a table, the fold in memory, and the rows for the commit. Rows of one
// partition are written by the commit's one statement. Rows that several partitions write are reserved in key order inside the
// commit's transaction first, then loaded: no two members fold one row at once, and none waits for another in a circle.
import type { Slice, Strategy, Work } from '../consumer/strategy.ts'
import type { Contribution } from '../checkpoint/commit-statement.ts'
import type { Database } from '../database/database.ts'
import type { Models } from '../database/model.ts'
import type { Projection } from '../definition/define-projection.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { foldSlice, keySlice, type Cells, type Judge, type Keyed } from './fold-slice.ts'
import { loadCells, lockNames, writeCells } from './load-cells.ts'
import { areCoPartitioned, isOwnedBy, markShared, readShared } from './row-owners.ts'
import { planTable, type TablePlan } from './table-plan.ts'

export interface ProjectionStrategyOptions {
  readonly models: Models
  readonly database: Database
  /** The checkpoint's consumer (default: `<name>.v<version>`). */
  readonly consumerId?: string
  /** Where the tables lie (default: each model's own schema). A rebuild gives that of its shadow tables. */
  readonly schema?: string
}

/** Reserves rows: a lock on the row itself cannot hold one that is not there yet. In one order for everybody. */
const RESERVE = `INSERT INTO millrace.row_lock (model, row_key)
SELECT x.m, x.k FROM json_to_recordset($1::json) AS x(m text, k text) ORDER BY x.m, x.k
ON CONFLICT (model, row_key) DO UPDATE SET row_key = excluded.row_key`

export class ProjectionStrategy implements Strategy {
  readonly sliceSize = 5000
  readonly contributions: readonly Contribution[]
  readonly #plans: readonly TablePlan[]
  readonly #schemas: readonly string[]
  readonly #handled = new Set<string>()
  readonly #ignored: ReadonlySet<string>
  readonly #database: Database
  readonly #consumer: string
  #isShared: boolean

  /** @throws MillraceError `MILLRACE_MODEL_UNKNOWN`, `MILLRACE_MODEL_UNFIT` */
  constructor(projection: Projection, options: ProjectionStrategyOptions) {
    this.#database = options.database
    this.#consumer = options.consumerId ?? `${projection.name}.v${projection.version}`
    const models = Object.entries(projection.tables).map(([name, table]) => {
      const model = options.models.get(name)
      if (model === undefined) throw unknownModel(projection.name, name)
      return { model, table, schema: options.schema ?? model.schema }
    })
    this.#plans = models.map(({ model, table, schema }) => planTable(model, schema, table))
    this.#schemas = models.map(({ schema }) => schema)
    this.contributions = this.#plans.map(({ contribution }) => contribution)
    this.#ignored = new Set(projection.ignore)
    for (const { table } of models) for (const type of Object.keys(table.evolve)) this.#handled.add(type)
    // A tombstone deletes where no fold is named.
    if (!this.#ignored.has('Tombstone')) this.#handled.add('Tombstone')
    this.#isShared = models.length > 0 && !areCoPartitioned(projection.from)
  }

  treatment(eventType: string): 'run' | 'ignore' | 'unnamed' {
    if (this.#handled.has(eventType)) return 'run'
    return this.#ignored.has(eventType) ? 'ignore' : 'unnamed'
  }

  async claimed(): Promise<void> {
    if (!this.#isShared) this.#isShared = await readShared(this.#database, this.#consumer)
  }

  /** @param judge has the last word on each event whose fold succeeded: a processor's handler */
  async run({ deliveries, draft, statements, inTransaction }: Slice, judge: Judge | null = null): Promise<Work> {
    if (this.#isShared && !inTransaction && deliveries.length > 0) return { kind: 'shared' }
    const rows: Cells[] = this.#plans.map(() => new Map())
    const keyed = keySlice(this.#plans, deliveries, rows)
    if (!this.#isShared && !this.#ownsAll(keyed)) {
      // This member is fenced by it too, and learns of it when it takes its partitions again.
      await markShared(this.#database, this.#consumer)
      this.#isShared = true
      return { kind: 'shared' }
    }
    if (inTransaction) await this.#reserve(rows, statements)
    for (let table = 0; table < this.#plans.length; table += 1) {
      const plan = this.#plans[table]
      const cells = rows[table]
      if (plan !== undefined && cells !== undefined) await loadCells(statements, plan, cells)
    }
    foldSlice(this.#plans, keyed, draft, judge)
    return { kind: 'done', values: this.#plans.flatMap((plan, table) => writeCells(plan, rows[table] ?? new Map())) }
  }

  async #reserve(rows: readonly Cells[], statements: Slice['statements']): Promise<void> {
    const names = this.#plans.flatMap((plan, table) =>
      lockNames(plan, this.#schemas[table] ?? '', rows[table] ?? new Map()),
    )
    if (names.length > 0) await statements.execute(RESERVE, JSON.stringify(names))
  }

  #ownsAll(keyed: readonly Keyed[]): boolean {
    return keyed.every(
      (each) =>
        'refused' in each ||
        this.#plans.every((plan, table) =>
          (each.cells[table] ?? []).every(({ key }) => isOwnedBy(plan, key, each.delivery.event)),
        ),
    )
  }
}

function unknownModel(projection: string, model: string): MillraceError {
  return new MillraceError(
    'MILLRACE_MODEL_UNKNOWN',
    `Projection ${projection} writes ${model}, which prisma/schema.prisma does not have: add the model, then run \`npx prisma generate\`.`,
    { context: { projection, model } },
  )
}
