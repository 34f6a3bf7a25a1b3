// Folds the events again, apart from the engine, and counts the rows of the database that differ.
import pg from 'pg'
import type { Change } from './make-changes.ts'

/** Rows by key, each as text. */
type Rows = Map<string, string>

export interface Comparison {
  readonly rows: number
  readonly differ: number
}

export async function compareRows(
  url: string,
  kind: 'owned' | 'shared',
  changes: readonly Change[],
): Promise<Comparison> {
  const expected = kind === 'owned' ? foldAccounts(changes) : foldOwners(changes)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const found = kind === 'owned' ? await readAccounts(client) : await readOwners(client)
    let differ = 0
    for (const [key, text] of expected) if (found.get(key) !== text) differ += 1
    for (const key of found.keys()) if (!expected.has(key)) differ += 1
    return { rows: found.size, differ }
  } finally {
    await client.end()
  }
}

function foldAccounts(changes: readonly Change[]): Rows {
  const counts = new Map<string, number>()
  const rows: Rows = new Map()
  for (const { data } of changes) {
    const { accountId: id, owner, status, balance, currency, revision, active, note, tags, changedAt } = data
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    const cells = [owner, status, balance, currency, revision, active, note, tags, changedAt.getTime(), count]
    rows.set(id, JSON.stringify(cells))
  }
  return rows
}

async function readAccounts(client: pg.Client): Promise<Rows> {
  const { rows } = await client.query<[string, ...unknown[]]>({
    rowMode: 'array',
    text: `SELECT id, owner, status, balance, currency, revision, active, note, tags,
      (extract(epoch FROM changed_at) * 1000)::float8, changes FROM account`,
  })
  return new Map(rows.map(([id, ...cells]) => [id, JSON.stringify(cells)]))
}

function foldOwners(changes: readonly Change[]): Rows {
  const totals = new Map<string, [number, number, number]>()
  for (const { data } of changes) {
    const [count, closed, balance] = totals.get(data.owner) ?? [0, 0, 0]
    totals.set(data.owner, [count + 1, closed + (data.status === 'CLOSED' ? 1 : 0), balance + data.revision])
  }
  return new Map([...totals].map(([owner, cells]) => [owner, JSON.stringify(cells)]))
}

async function readOwners(client: pg.Client): Promise<Rows> {
  const { rows } = await client.query<[string, ...unknown[]]>({
    rowMode: 'array',
    text: 'SELECT owner, changes, closed, balance::float8 FROM owner_total',
  })
  return new Map(rows.map(([owner, ...cells]) => [owner, JSON.stringify(cells)]))
}
