import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type HttpProject, httpProject, reach } from '../../tests/fixtures/http-project.ts'
import { until } from '../../tests/fixtures/until.ts'
import type { Query } from '../definition/define-query.ts'
import { positionTokens } from '../topic/position-token.ts'
import { positionWatch } from './position-watch.ts'

const total = {
  kind: 'query',
  name: 'total',
  path: '/totals/:action',
  summary: 'The total of an action.',
  reads: ['Counter'],
  handle: async (
    c: { req: { param(name: string): string }; json(value: unknown): Response },
    { prisma }: { prisma: unknown },
  ) => {
    const client = prisma as { counter: { findMany(args: object): Promise<{ total: number }[]> } }
    const rows = await client.counter.findMany({ where: { action: c.req.param('action') } })
    return c.json({ total: rows.reduce((sum, { total }) => sum + total, 0) })
  },
} as unknown as Query

const topic = 'desk.notes'
let project: HttpProject
let app: ReturnType<HttpProject['app']>

beforeAll(async () => {
  project = await httpProject(import.meta.url, [total])
  app = project.app()
  await project.database.execute(`INSERT INTO "Counter" VALUES ('a', '2026-01-01', 5), ('a', '2026-01-02', 6)`)
})
afterAll(async () => project.close())
beforeEach(async () => {
  await project.database.execute('DELETE FROM millrace.checkpoint')
  await project.database.execute('DELETE FROM millrace.parked')
})

const get = async (path: string) => {
  const answer = await app.request(path)
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> }
}
const token = (partition: number, ...offsets: bigint[]): string =>
  project.tokens.ofEvents(offsets.map((offset) => ({ topic, partition, offset })))
const paths = ['/models/counter', '/models/counter/a/2026-01-01', '/totals/a']

describe.each(paths)('%s', (path) => {
  test('tells the position it reflects, as a token that can be waited for', async () => {
    await reach(project.database, topic, 0, 5n)
    await reach(project.database, topic, 3, 9n)
    const { headers } = await get(path)
    const position = headers.get('millrace-position') ?? ''
    expect(project.tokens.read(position)).toEqual({
      kind: 'reached',
      partitions: [
        { topic, partition: 0, runs: [{ first: 4n, last: 4n }] },
        { topic, partition: 3, runs: [{ first: 8n, last: 8n }] },
      ],
    })
    expect((await get(`${path}?after=${position}`)).status).toBe(200)
  })

  test('waits until its consumers have passed the token', async () => {
    await reach(project.database, topic, 1, 5n)
    let isAnswered = false
    const waiting = get(`${path}?after=${token(1, 4n, 6n)}&wait=20s`).then((answer) => {
      isAnswered = true
      return answer
    })
    await reach(project.database, topic, 1, 6n)
    // Another request that waits has been looked at meanwhile, so the first one has been, too.
    expect((await get(`${path}?after=${token(1, 5n)}&wait=20s`)).status).toBe(200)
    expect(isAnswered).toBe(false)
    await reach(project.database, topic, 1, 7n)
    expect((await waiting).status).toBe(200)
  })

  test('answers 504 with the position reached when the time is over, at once without wait', async () => {
    await reach(project.database, topic, 1, 5n)
    for (const wait of ['', '&wait=30ms']) {
      const { status, body } = await get(`${path}?after=${token(1, 8n)}${wait}`)
      expect(status).toBe(504)
      expect(body).toMatchObject({
        code: 'MILLRACE_WAIT_TIMEOUT',
        position: [{ consumer: 'desk.v2', topic, partition: 1, next: '5', awaited: '9' }],
      })
    }
  })

  test('says that the event was parked, and where', async () => {
    await reach(project.database, topic, 1, 50n)
    await project.database.execute(
      `INSERT INTO millrace.parked (consumer, topic, partition, record_offset, record_headers, record_timestamp, event_id, status, reason)
       VALUES ('desk.v2', '${topic}', 1, 41, '{}', 0, 'e', 'behind', 'key')`,
    )
    expect((await get(`${path}?after=${token(1, 40n, 42n)}`)).status).toBe(200)
    const { status, body } = await get(`${path}?after=${token(1, 40n, 41n, 42n)}`)
    expect(status).toBe(409)
    expect(body).toMatchObject({
      code: 'MILLRACE_EVENT_PARKED',
      consumer: 'desk.v2',
      topic,
      partition: 1,
      offset: '41',
      parkedAs: 'behind',
      reason: 'key',
      status: 409,
    })
  })

  test('refuses tokens of topics that it does not read, of other apps, and nonsense', async () => {
    const foreign = project.tokens.ofEvents([{ topic: 'desk.archive', partition: 0, offset: 1n }])
    expect((await get(`${path}?after=${foreign}`)).body).toMatchObject({ status: 400, code: 'MILLRACE_TOKEN_FOREIGN' })
    const other = positionTokens(Buffer.alloc(32, 1)).ofEvents([{ topic, partition: 0, offset: 1n }])
    for (const bad of [other, 'nonsense', ''])
      expect((await get(`${path}?after=${bad}`)).body).toMatchObject({ status: 400, code: 'MILLRACE_TOKEN_INVALID' })
    for (const wait of ['2', 'soon', '-1s', '1h', '99m'])
      expect((await get(`${path}?after=${token(0, 1n)}&wait=${wait}`)).body).toMatchObject({
        status: 400,
        errors: [{ field: 'wait' }],
      })
  })
})

test('a token of several topics waits for those that the model reads', async () => {
  await reach(project.database, topic, 0, 2n)
  const mixed = project.tokens.ofEvents([
    { topic, partition: 0, offset: 1n },
    { topic: 'desk.archive', partition: 0, offset: 99n },
  ])
  expect((await get(`/models/counter?after=${mixed}`)).status).toBe(200)
})

test("a list's body names the next offset of each partition", async () => {
  await reach(project.database, topic, 10, 5n)
  await reach(project.database, topic, 2, 7n)
  const { body, headers } = await get('/models/counter')
  expect(body['position']).toEqual({
    token: headers.get('millrace-position'),
    asOf: { 'desk.notes-2': '7', 'desk.notes-10': '5' },
  })
})

test("a user's query sees one snapshot and has a tag", async () => {
  const { body, headers } = await get('/totals/a')
  expect(body).toEqual({ total: 11 })
  const answer = await app.request('/totals/a', { headers: { 'if-none-match': headers.get('etag') ?? '' } })
  expect(answer.status).toBe(304)
})

test('nobody waiting means no statements; many waiting share one', async () => {
  let statements = 0
  const watch = positionWatch(
    {
      query: async (sql, ...values) => {
        statements += 1
        return project.database.query(sql, ...values)
      },
    },
    { pollMs: 5 },
  )
  const awaited = [{ consumer: 'desk.v2', positions: [{ topic, partition: 0, offset: 3n }] }]
  const waiting = Promise.all(Array.from({ length: 50 }, async () => watch.wait(awaited, 20_000)))
  await until('the poller has looked twice', () => statements >= 2)
  const before = statements
  await reach(project.database, topic, 0, 4n)
  expect(await waiting).toEqual(Array.from({ length: 50 }, () => 'reached'))
  expect(before).toBeLessThan(50)
  const after = statements
  await project.database.query('SELECT pg_sleep(0.05)::text')
  expect(statements).toBe(after)
})
