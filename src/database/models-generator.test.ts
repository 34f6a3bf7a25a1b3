import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { prismaProject, type PrismaProject } from '../../tests/fixtures/prisma-project.ts'
import type { Models } from './model.ts'
import { readModels } from './read-models.ts'

let project: PrismaProject
let models: Models

beforeAll(async () => {
  project = prismaProject()
  project.prisma(['generate'])
  models = await readModels(join(project.folder, 'models/models.json'))
}, 60_000)
afterAll(() => rmSync(project.folder, { recursive: true, force: true }))

test('a model has the names and types of the database, and no relations', () => {
  const everything = models.get('Everything')
  expect(everything).toMatchObject({ table: 'everything', schema: 'public', key: ['id'] })
  expect(everything?.fields.map(({ column, sqlType }) => `${column} ${sqlType}`)).toEqual([
    'id uuid',
    'a_text text',
    'short varchar(10)',
    'flag boolean',
    'count integer',
    'big bigint',
    'ratio double precision',
    'price decimal(10,2)',
    'at timestamptz(3)',
    'plainAt timestamp(3)',
    'detail jsonb',
    'bytes bytea',
    'status "public"."Status"',
    'tags text[]',
  ])
  expect(everything?.fields.find(({ name }) => name === 'status')).toMatchObject({
    type: 'Enum',
    enumValues: [
      { name: 'open', stored: 'open' },
      { name: 'closed', stored: 'shut' },
    ],
  })
  expect(models.get('Counter')).toMatchObject({ table: 'Counter', key: ['action', 'hour'] })
})

test('the declaration tells the compiler rows, keys and rows before the first event', () => {
  const text = readFileSync(join(project.folder, 'models/models.d.ts'), 'utf8')
  const lines = text.split('\n').map((line) => line.trim())
  expect(lines).toContain('row: { action: string; hour: Date; total: number; everythingId: string | null }')
  expect(lines).toContain('key: { action: string; hour: Date }')
  expect(lines).toContain('initial: { total?: number; everythingId?: string | null }')
  expect(lines).toContain("client: import('../client/client.js').PrismaClient")
  expect(text).toContain("status: 'open' | 'closed'; tags: readonly string[]")
  expect(text).toContain('big: bigint; ratio?: number | null; price: string; at: Date')
})

test('a file that the generator did not write is refused with the way out', async () => {
  await expect(readModels(join(project.folder, 'none.json'))).rejects.toMatchObject({
    code: 'MILLRACE_MODELS_MISSING',
    message: expect.stringContaining('npx prisma generate') as string,
  })
})
