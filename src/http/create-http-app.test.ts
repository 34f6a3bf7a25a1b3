import { describe, expect, test } from 'vitest'
import { deskDefinitions, notes } from '../../tests/fixtures/desk-definitions.ts'
import { producedLog } from '../../tests/fixtures/produced-log.ts'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import { loadSettings } from '../config/load-settings.ts'
import type { Database } from '../database/database.ts'
import type { Model, ModelField } from '../database/model.ts'
import type { Projection } from '../definition/define-projection.ts'
import type { Query } from '../definition/define-query.ts'
import { createMetrics } from '../observability/create-metrics.ts'
import { createHealth } from '../observability/health.ts'
import { createEmitter } from '../producer/create-emitter.ts'
import { EventCodec } from '../schema/event-codec.ts'
import { createHttpApp } from './create-http-app.ts'
import type { OpenApiDocument } from './openapi/openapi-document.ts'

const field = (name: string, change: Partial<ModelField> = {}): ModelField => ({
  name,
  column: name,
  type: 'String',
  sqlType: 'text',
  isList: false,
  isRequired: true,
  hasDefault: false,
  enumValues: [],
  ...change,
})
const shelf: Model = {
  name: 'DeskShelf',
  table: 'DeskShelf',
  schema: 'public',
  key: ['room', 'level'],
  fields: [
    field('room'),
    field('level', { type: 'Int', sqlType: 'integer' }),
    field('size', { type: 'BigInt', isRequired: false }),
  ],
}
const projection = {
  kind: 'projection',
  name: 'shelf',
  version: 1,
  from: [notes],
  ignore: [],
  tables: { DeskShelf: {} },
}
const query: Query = {
  kind: 'query',
  name: 'largest',
  path: '/rooms/:room/largest',
  summary: 'The largest of a room.',
  reads: [],
  parameters: [{ name: 'of', in: 'query', description: 'How many are looked at.', required: true }],
  handle: (c) => c.text(c.req.param('room') ?? ''),
}

function setUp() {
  const codec = new EventCodec()
  const prisma = {
    $transaction: async (work: (client: unknown) => unknown) => work({ $queryRawUnsafe: async () => [] }),
  }
  const log = producedLog()
  return createHttpApp({
    settings: loadSettings({ app: 'desk' }, {}),
    definitions: { ...deskDefinitions, projections: [projection as unknown as Projection], queries: [query] },
    models: new Map([['DeskShelf', shelf]]),
    database: { prisma } as unknown as Database,
    codec,
    emitter: createEmitter({ connect: async () => log.producer, codec, schemaId: async () => 1, app: 'desk' }),
    tokenKey: Buffer.alloc(32),
    adminToken: 'made-at-the-first-start',
    admin: (routes) => routes.get('/admin/parked', (c) => c.json([])),
    logger: silentLogger,
    metrics: createMetrics({ processMetrics: false }),
    health: createHealth(),
  })
}

async function describeIt(): Promise<OpenApiDocument> {
  const answer = await setUp().request('/openapi.json')
  expect(answer.status).toBe(200)
  return (await answer.json()) as OpenApiDocument
}

/** Every `$ref` below a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(references)]
}

describe('/openapi.json', () => {
  test('describes every route that is served, and none that is not', async () => {
    const document = await describeIt()
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual([
      'GET /models/desk-shelf',
      'GET /models/desk-shelf/{room}/{level}',
      'GET /rooms/{room}/largest',
      'POST /events',
      'POST /notes',
    ])
    const app = setUp()
    for (const route of described) {
      const [method = '', path = ''] = route.split(' ')
      const { status } = await app.request(path.replaceAll(/\{\w+\}/g, '1'), { method })
      expect([404, 405]).not.toContain(status)
    }
  })

  test('refers to nothing that is not there', async () => {
    const document = await describeIt()
    const found = references(document)
    expect(found.length).toBeGreaterThan(20)
    for (const reference of found) {
      const target = reference
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document)
      expect({ reference, target }).toMatchObject({ target: expect.any(Object) as object })
    }
  })

  test('has the parts that OpenAPI asks of every operation', async () => {
    const { openapi, paths, components } = await describeIt()
    expect(openapi).toBe('3.1.0')
    const operations = Object.entries(paths).flatMap(([path, of]) =>
      Object.values(of).map((operation) => ({ path, operation })),
    )
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const parameters = operation.parameters ?? []
      expect(parameters.filter((of) => of.in === 'path').map(({ name }) => name)).toEqual(inPath)
      expect(parameters.filter((of) => of.in === 'path').every(({ required }) => required)).toBe(true)
      expect(new Set(parameters.map((of) => `${of.in} ${of.name}`)).size).toBe(parameters.length)
      for (const response of Object.values(operation.responses))
        expect('$ref' in response || response.description !== '').toBe(true)
    }
    for (const name of Object.keys(components.schemas)) expect(name).toMatch(/^[\w.-]+$/)
  })

  test('tells fields, filters and events', async () => {
    const { paths, components } = await describeIt()
    expect(components.schemas['models.DeskShelf']).toMatchObject({
      properties: { level: { type: 'integer' }, size: { oneOf: [{ type: 'string' }, { type: 'null' }] } },
    })
    const names = paths['/models/desk-shelf']?.['get']?.parameters?.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['sort', 'cursor', 'after', 'wait', 'room[like]', 'level[gte]', 'size[null]']),
    )
    expect(components.schemas['desk.v1.NoteWritten']).toMatchObject({ required: ['noteId', 'text'] })
    const body = paths['/notes']?.['post']?.requestBody?.content['application/json']
    expect(body?.example).toEqual({ text: 'buy milk' })
    expect(components.schemas['CloudEvent']).toMatchObject({ oneOf: expect.any(Array) as unknown[] })
  })
})

describe('/docs', () => {
  test('is a page whose every part comes from here', async () => {
    const app = setUp()
    const page = await app.request('/docs')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    const html = await page.text()
    expect(html).not.toMatch(/https?:\/\//)
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '')
    expect(parts).toHaveLength(3)
    for (const path of parts) expect((await app.request(path)).status).toBe(200)
  })

  test.each(['/docs/package.json', '/docs/..%2fpackage.json', '/docs/__proto__', '/docs/swagger-ui.js.map'])(
    'serves no other file: %s',
    async (path) => {
      expect((await setUp().request(path)).status).toBe(404)
    },
  )
})

test('/admin is behind the token that the start made', async () => {
  const app = setUp()
  expect((await app.request('/admin/parked')).status).toBe(401)
  expect((await app.request('/admin/nothing')).status).toBe(401)
  const headers = { authorization: 'Bearer made-at-the-first-start' }
  expect((await app.request('/admin/parked', { headers })).status).toBe(200)
})
