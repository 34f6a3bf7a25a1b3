import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'

import { createDatabase } from '../../embedded/postgres/create-database.ts'
import { migrate } from './migrate.ts'

let folder: string
let url: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-'))
  url = await createDatabase(inject('postgresUrl'), 'migrate', { replace: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'migration.sql'), sql)
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

test('migrations are applied once, in the order of their names', async () => {
  write('2_second', 'ALTER TABLE a ADD COLUMN m int')
  write('1_first', 'CREATE TABLE a (n int)')
  expect(await migrate({ url, folder })).toEqual(['1_first', '2_second'])
  expect(await migrate({ url, folder })).toEqual([])
  write('3_third', 'CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql; SELECT f();')
  expect(await migrate({ url, folder })).toEqual(['3_third'])
  expect(
    await query(
      'SELECT migration_name, applied_steps_count, finished_at IS NOT NULL AS done FROM _prisma_migrations ORDER BY 1',
    ),
  ).toEqual(
    ['1_first', '2_second', '3_third'].map((name) => ({ migration_name: name, applied_steps_count: 1, done: true })),
  )
})

test('runners that start at once share the work', async () => {
  write('1_first', 'CREATE TABLE a (n int); SELECT pg_sleep(0.05)')
  const runs = await Promise.all([1, 2, 3].map(async () => migrate({ url, folder })))
  expect(runs.flat()).toEqual(['1_first'])
})

test('a migration that fails keeps nothing, names its line, and is tried again once corrected', async () => {
  write('1_first', 'CREATE TABLE a (n int);\n\nALTER TABLE b ADD COLUMN m int;')
  write('2_second', 'CREATE TABLE c (n int)')
  await expect(migrate({ url, folder })).rejects.toMatchObject({
    code: 'MILLRACE_MIGRATION_FAILED',
    message: 'Migration 1_first: relation "b" does not exist. Nothing of it was kept: correct it and start again.',
  })
  expect(await query("SELECT to_regclass('a') AS a, to_regclass('c') AS c")).toEqual([{ a: null, c: null }])

  write('1_first', 'CREATE TABLE a (n int);\nSELEC 1;')
  await expect(migrate({ url, folder })).rejects.toThrow('Migration 1_first, line 2: syntax error at or near "SELEC".')

  write('1_first', 'CREATE TABLE a (n int)')
  expect(await migrate({ url, folder })).toEqual(['1_first', '2_second'])
})

test('a migration that was edited after it was applied is refused, unless told otherwise', async () => {
  write('1_first', 'CREATE TABLE a (n int)')
  await migrate({ url, folder })
  write('1_first', 'CREATE TABLE a (n bigint)')
  await expect(migrate({ url, folder })).rejects.toMatchObject({ code: 'MILLRACE_MIGRATION_EDITED' })
  expect(await migrate({ url, folder, edited: 'ignore' })).toEqual([])
})

test('a migration that Prisma left half way has to be looked at first', async () => {
  write('1_first', 'CREATE TABLE a (n int)')
  await migrate({ url, folder })
  await query('UPDATE _prisma_migrations SET finished_at = NULL')
  await expect(migrate({ url, folder })).rejects.toThrow('prisma migrate resolve --rolled-back 1_first')
})

test('tables go into public, also for a role that is named like another schema', async () => {
  await query('DROP ROLE IF EXISTS millrace; CREATE ROLE millrace LOGIN SUPERUSER; CREATE SCHEMA millrace')
  const asMillrace = new URL(url)
  asMillrace.username = 'millrace'
  write('1_first', 'CREATE TABLE a (n int)')
  await migrate({ url: asMillrace.href, folder })
  expect(await query("SELECT to_regclass('public.a')::text AS a, to_regclass('millrace.a') AS b")).toEqual([
    { a: 'a', b: null },
  ])
})

test('a project without migrations has none', async () => {
  expect(await migrate({ url, folder: join(folder, 'missing') })).toEqual([])
})
