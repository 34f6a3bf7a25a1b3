import { rmSync } from 'node:fs'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { testDatabase } from '../../tests/database.ts'
import { prismaProject } from '../../tests/fixtures/prisma-project.ts'
import { connect } from './connect.ts'
import type { Database } from './database.ts'

let folder: string
let url: string
let database: Database
const lost: string[] = []

beforeAll(async () => {
  const project = prismaProject()
  project.prisma(['generate'])
  folder = project.folder
  url = await testDatabase(import.meta.url)
  database = await connect({
    clientFile: join(folder, 'client/client.ts'),
    url,
    lockTimeoutMs: 100,
    statementTimeoutMs: 500,
    idleInTransactionTimeoutMs: 300,
    onConnectionLost: (error) => lost.push(error.message),
  })
  await database.execute('CREATE TABLE item (id int PRIMARY KEY, n int NOT NULL)')
  await database.execute('INSERT INTO item VALUES (1, 1)')
})
afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs `work` with a connection that is none of the database's own. */
async function beside<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const endBackend = async (pid: number): Promise<unknown> =>
  beside(async (client) => client.query('SELECT pg_terminate_backend($1, 1000)', [pid]))

test('values pass as they are, both ways', async () => {
  const values = [12n, new Date(5), Buffer.from('abc'), '{"a":1}', null]
  const rows = await database.query(
    'SELECT $1::bigint AS big, $2::timestamptz AS at, $3::bytea AS bytes, $4::jsonb AS json, $5::text AS none',
    ...values,
  )
  expect(rows).toEqual([
    { big: 12n, at: new Date(5), bytes: new Uint8Array(Buffer.from('abc')), json: { a: 1 }, none: null },
  ])
})

test('the server bounds locks, statements and idling', async () => {
  expect(
    await database.query(
      `SELECT name, setting FROM pg_settings WHERE name IN
       ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout') ORDER BY name`,
    ),
  ).toEqual([
    { name: 'idle_in_transaction_session_timeout', setting: '300' },
    { name: 'lock_timeout', setting: '100' },
    { name: 'statement_timeout', setting: '500' },
  ])
  await beside(async (client) => {
    await client.query('BEGIN; UPDATE item SET n = 2')
    await expect(database.execute('UPDATE item SET n = 3')).rejects.toMatchObject({
      code: 'MILLRACE_DATABASE_UNAVAILABLE',
      retriable: true,
      context: { sqlState: '55P03' },
    })
    await client.query('ROLLBACK')
  })
  await expect(database.query('SELECT pg_sleep(5)::text')).rejects.toMatchObject({
    code: 'MILLRACE_DATABASE_UNAVAILABLE',
    context: { sqlState: '57014' },
  })
})

test.for([
  ['a constraint', 'INSERT INTO item VALUES (1, 1)', '23505'],
  ['a null', 'INSERT INTO item VALUES (2, NULL)', '23502'],
  ['a range', "SELECT '99999999999'::int", '22003'],
  ['a limit of Postgres', "SELECT repeat('[', 100000)::json", '54001'],
])('%s is the fault of the data', async ([, sql, sqlState]) => {
  await expect(database.execute(sql ?? '')).rejects.toMatchObject({
    code: 'MILLRACE_DATABASE_REFUSED',
    retriable: false,
    context: { sqlState },
  })
})

test('a table that is not there is a reason to wait, not the fault of the data', async () => {
  await expect(database.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: 'MILLRACE_DATABASE_UNAVAILABLE' })
})

test('a connection that breaks under a statement leaves its outcome unknown, and the next one works', async () => {
  const broken = database.query('SELECT pg_sleep(0.4)::text AS marked').catch((error: unknown) => error)
  await beside(async (client) => {
    const find = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%AS marked%' AND pid <> pg_backend_pid()"
    let pid: number | undefined
    while (pid === undefined) pid = (await client.query<{ pid: number }>(find)).rows[0]?.pid
    await client.query('SELECT pg_terminate_backend($1)', [pid])
  })
  await broken
  expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a transaction keeps all or nothing, and lets an error of its work through', async () => {
  const mine = new Error('mine')
  await expect(
    database.transaction(async (statements) => {
      await statements.execute('UPDATE item SET n = 50')
      throw mine
    }),
  ).rejects.toBe(mine)
  expect(await database.transaction(async (tx) => tx.query('SELECT n FROM item'))).toEqual([{ n: 1 }])
})

test('a transaction may read one snapshot', async () => {
  const seen = await database.transaction(
    async (tx) => {
      const before = await tx.query('SELECT n FROM item')
      await beside(async (client) => client.query('UPDATE item SET n = n + 1'))
      return [before, await tx.query('SELECT n FROM item')]
    },
    { isolation: 'RepeatableRead' },
  )
  expect(seen[0]).toEqual(seen[1])
})

test('a connection that breaks inside a transaction has undone it; at commit the outcome is unknown', async () => {
  const pidOf = 'SELECT pg_backend_pid() AS pid'
  await expect(
    database.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>(pidOf)
      await endBackend(row!.pid)
      return tx.execute('UPDATE item SET n = 60')
    }),
  ).rejects.toMatchObject({ code: 'MILLRACE_DATABASE_UNAVAILABLE' })
  await expect(
    database.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>(pidOf)
      await endBackend(row!.pid)
    }),
  ).rejects.toMatchObject({ code: 'MILLRACE_COMMIT_UNKNOWN' })
})

test('a connection that is cut while it is idle is told and replaced', async () => {
  const before = lost.length
  const [row] = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  await endBackend(row!.pid)
  await expect.poll(() => lost.length).toBeGreaterThan(before)
  expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a database that is down is unavailable, and a client that was not generated is named', async () => {
  await using nowhere = await closing(
    connect({ clientFile: join(folder, 'client/client.ts'), url: 'postgres://postgres@127.0.0.1:1/x' }),
  )
  await expect(nowhere.query('SELECT 1')).rejects.toMatchObject({ code: 'MILLRACE_DATABASE_UNAVAILABLE' })
  await expect(nowhere.transaction(async (tx) => tx.query('SELECT 1'))).rejects.toMatchObject({
    code: 'MILLRACE_DATABASE_UNAVAILABLE',
  })
  await expect(connect({ clientFile: join(folder, 'none.ts'), url })).rejects.toMatchObject({
    code: 'MILLRACE_PRISMA_CLIENT_MISSING',
  })
})

async function closing(opened: Promise<Database>): Promise<Database & AsyncDisposable> {
  const database = await opened
  return Object.assign(database, { [Symbol.asyncDispose]: async () => database.close() })
}
