import pg from 'pg'
import { beforeAll, expect, inject, test } from 'vitest'

import { createDatabase } from '../../embedded/postgres/create-database.ts'
import { engineMigrations } from './engine-migrations.ts'
import { migrateEngine } from './migrate-engine.ts'

let url: string

beforeAll(async () => {
  url = await createDatabase(inject('postgresUrl'), 'migrate_engine', { replace: true })
})

test('runners that start at once apply each migration once, and nothing is left to do', async () => {
  const runs = await Promise.all([migrateEngine(url), migrateEngine(url), migrateEngine(url)])
  expect(runs.flat()).toEqual(engineMigrations.map(({ name }) => name))
  expect(await migrateEngine(url)).toEqual([])
})

test('a migration that fails names the line and keeps nothing', async () => {
  const broken = { name: '9999-broken', sql: 'CREATE TABLE millrace.half (n int);\nSELECT nothing_such;' }
  await expect(migrateEngine(url, [broken])).rejects.toMatchObject({
    code: 'MILLRACE_MIGRATION_FAILED',
    message: expect.stringContaining('9999-broken, line 2: column "nothing_such" does not exist') as string,
  })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ half: string | null }>("SELECT to_regclass('millrace.half') AS half")
  await client.end()
  expect(rows).toEqual([{ half: null }])
})

test('a migration that was edited is refused', async () => {
  const [first] = engineMigrations
  await expect(migrateEngine(url, [{ name: first!.name, sql: 'SELECT 1' }])).rejects.toMatchObject({
    code: 'MILLRACE_MIGRATION_EDITED',
  })
})
