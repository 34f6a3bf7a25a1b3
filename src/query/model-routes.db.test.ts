import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HttpProject, httpProject } from '../../tests/fixtures/http-project.ts'

let project: HttpProject
let app: ReturnType<HttpProject['app']>
const id = (n: number): string => `00000000-0000-4000-a000-${String(n).padStart(12, '0')}`

beforeAll(async () => {
  project = await httpProject(import.meta.url)
  app = project.app()
  await project.database.execute(`
    INSERT INTO everything SELECT
      ('00000000-0000-4000-a000-' || lpad(i::text, 12, '0'))::uuid, 'text ' || i, CASE WHEN i % 3 = 0 THEN NULL ELSE 's' || i % 5 END,
      i % 2 = 0, i % 7, 9007199254740993 + i, CASE WHEN i % 4 = 0 THEN NULL ELSE i / 8.0 END, i + 0.10,
      '2026-01-01T00:00:00Z'::timestamptz + i * interval '1 hour', CASE WHEN i % 5 = 0 THEN NULL ELSE '2026-01-01'::timestamp + i % 6 * interval '1 day' END,
      jsonb_build_object('n', i), decode(lpad(to_hex(i), 4, '0'), 'hex'), (CASE WHEN i % 2 = 0 THEN 'open' ELSE 'shut' END)::"Status", ARRAY['a', 't' || i]
    FROM generate_series(0, 59) AS s(i)`)
  await project.database.execute(`
    INSERT INTO "Counter" SELECT 'a' || i % 4, '2026-01-01T00:00:00Z'::timestamptz + i * interval '1 hour', i, NULL FROM generate_series(0, 39) AS s(i)`)
})
afterAll(async () => project.close())

type Row = Record<string, unknown>
const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await app.request(path, { headers })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: (text === '' ? null : JSON.parse(text)) as Row }
}
const items = async (query: string): Promise<Row[]> => {
  const { status, body } = await get(`/models/everything?${query}`)
  expect({ status, errors: body['errors'] }).toEqual({ status: 200, errors: undefined })
  return body['items'] as Row[]
}
const numbers = async (query: string): Promise<number[]> =>
  (await items(`limit=500&sort=id&${query}`)).map((row) => Number(String(row['id']).slice(-4)))

describe('values in JSON', () => {
  test('are exact, whatever their type', async () => {
    const { body } = await get(`/models/everything/${id(11)}`)
    expect(body).toEqual({
      id: id(11),
      text: 'text 11',
      short: 's1',
      flag: false,
      count: 4,
      big: '9007199254741004',
      ratio: 1.375,
      price: '11.10',
      at: '2026-01-01T11:00:00.000Z',
      plainAt: '2026-01-06T00:00:00.000Z',
      detail: { n: 11 },
      bytes: 'AAs=',
      status: 'closed',
      tags: ['a', 't11'],
    })
  })
})

describe('filters', () => {
  const all = Array.from({ length: 60 }, (_, n) => n)
  test.each<[string, (n: number) => boolean]>([
    ['text=text 7', (n) => n === 7],
    ['text[like]=text _', (n) => n < 10],
    ['text[like]=%1', (n) => n % 10 === 1],
    ['text[in]=text 1,text 2', (n) => n === 1 || n === 2],
    ['text[in]=text 1&text[in]=none, at all', (n) => n === 1],
    ['short=s1', (n) => n % 3 !== 0 && n % 5 === 1],
    ['short[null]=true', (n) => n % 3 === 0],
    ['short[null]=false', (n) => n % 3 !== 0],
    ['short=s1 but longer than its column', () => false],
    ['flag=true', (n) => n % 2 === 0],
    ['count[gte]=5', (n) => n % 7 >= 5],
    ['count[in]=1,3', (n) => [1, 3].includes(n % 7)],
    ['big[gt]=9007199254741050', (n) => n > 57],
    ['ratio[lt]=0.5', (n) => n % 4 !== 0 && n < 4],
    ['price=7.10', (n) => n === 7],
    ['price=7.101', () => false],
    ['price[lte]=2.1', (n) => n <= 2],
    ['at[lt]=2026-01-01T02:00:00%2B01:00', (n) => n < 1],
    ['at[gte]=2026-01-02&at[lt]=2026-01-03', (n) => n >= 24 && n < 48],
    ['plainAt=2026-01-03T00:00:00Z', (n) => n % 5 !== 0 && n % 6 === 2],
    ['bytes=AAs=', (n) => n === 11],
    ['bytes[gt]=ADk=', (n) => n > 57],
    ['status=closed', (n) => n % 2 === 1],
    ['status[in]=open,closed', () => true],
    [`id[gt]=${id(55)}&flag=true`, (n) => n === 56 || n === 58],
    ['detail[null]=false&count[eq]=0', (n) => n % 7 === 0],
  ])('%s', async (query, expected) => {
    expect(await numbers(query)).toEqual(all.filter(expected))
  })

  test.each([
    ['nope=1', 'nope'],
    ['__proto__=1', '__proto__'],
    ['constructor[gt]=1', 'constructor[gt]'],
    ['a_text=x', 'a_text'],
    ['text[near]=x', 'text[near]'],
    ['text[]=x', 'text[]'],
    ['flag[gt]=true', 'flag[gt]'],
    ['flag=yes', 'flag'],
    ['count=1.5', 'count'],
    ['count=3000000000', 'count'],
    ['big=99999999999999999999', 'big'],
    ['ratio=1e999', 'ratio'],
    ['price=1,5', 'price'],
    ['at=2026-02-31T00:00', 'at'],
    ['at=now', 'at'],
    ['at=2026-02-31', 'at'],
    ['at=2026-02-31T00:00:00Z', 'at'],
    ['id=7', 'id'],
    ['status=shut', 'status'],
    ['bytes=%25', 'bytes'],
    ['detail=x', 'detail'],
    ['tags=a', 'tags'],
    ['text[like]=x\\', 'text[like]'],
    ['count=1&count=2', 'count'],
    ['sort=nope', 'sort'],
    ['sort=detail', 'sort'],
    ['sort=id,-id', 'sort'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=ten', 'limit'],
    ['fields=id,nope', 'fields'],
    ['wait=2s', 'wait'],
  ])('%s is refused by its name', async (query, field) => {
    const { status, body } = await get(`/models/everything?${query}`)
    expect(status).toBe(400)
    expect((body['errors'] as { field: string }[]).map((problem) => problem.field)).toEqual([field])
  })
})

describe('pages', () => {
  async function walk(query: string, model = 'everything', between?: () => Promise<void>): Promise<Row[]> {
    const rows: Row[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body } = await get(`/models/${model}?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`)
      expect(status).toBe(200)
      rows.push(...(body['items'] as Row[]))
      cursor = body['next'] as string | null
      await between?.()
    }
    return rows
  }

  test.each([
    '',
    'sort=-id',
    'sort=short',
    'sort=-short',
    'sort=short,-ratio',
    'sort=-ratio,plainAt',
    'sort=status,-price',
    'sort=-plainAt,count',
    'sort=bytes',
    'sort=big',
  ])('in the order %s hold every row once, nulls included', async (sort) => {
    const inOne = await items(`limit=500&${sort}`)
    const paged = await walk(`limit=7&${sort}`)
    expect(paged).toEqual(inOne)
    expect(new Set(paged.map((row) => row['id'])).size).toBe(60)
  })

  test('of a model with a composite key hold every row once', async () => {
    const rows = await walk('limit=9', 'counter')
    expect(rows).toHaveLength(40)
    expect(rows.map((row) => `${String(row['action'])} ${String(row['hour'])}`)).toEqual(
      rows.map((row) => `${String(row['action'])} ${String(row['hour'])}`).sort(),
    )
  })

  test('neither repeat nor hide rows while others are inserted', async () => {
    let inserted = 1000
    const rows = await walk('limit=10&sort=-count&count[lt]=100', 'everything', async () => {
      inserted += 2
      await project.database.execute(
        `INSERT INTO everything (id, a_text, count, big, price, at, status) VALUES
         ('${id(inserted)}', 'new', 99, 1, 1, now(), 'open'), ('${id(inserted + 1)}', 'new', -99, 1, 1, now(), 'open')`,
      )
    })
    const old = rows.filter((row) => row['text'] !== 'new')
    expect(old).toHaveLength(60)
    expect(new Set(rows.map((row) => row['id'])).size).toBe(rows.length)
    await project.database.execute(`DELETE FROM everything WHERE a_text = 'new'`)
  })

  test('go on with their own query only', async () => {
    const { body } = await get('/models/everything?limit=5&sort=count&flag=true')
    const cursor = String(body['next'])
    expect((await get(`/models/everything?limit=9&sort=count&flag=true&fields=id&cursor=${cursor}`)).status).toBe(200)
    for (const other of ['sort=count', 'sort=-count&flag=true', 'sort=count&flag=false', 'sort=count,big&flag=true'])
      expect((await get(`/models/everything?${other}&cursor=${cursor}`)).body).toMatchObject({
        status: 400,
        code: 'MILLRACE_CURSOR_INVALID',
      })
    expect((await get(`/models/everything?sort=count&flag=true&cursor=${cursor.slice(0, -1)}`)).status).toBe(400)
    expect((await get(`/models/counter?cursor=${cursor}`)).status).toBe(400)
  })

  test('have the fields that were asked for', async () => {
    expect(Object.keys((await items('fields=count,id&limit=1'))[0] ?? {})).toEqual(['id', 'count'])
  })
})

describe('one row', () => {
  test('of a composite key has its parts as segments', async () => {
    const { body } = await get(`/models/counter/a1/${encodeURIComponent('2026-01-01T05:00:00.000Z')}`)
    expect(body).toMatchObject({ action: 'a1', total: 5 })
    expect((await get('/models/counter/a1')).body).toMatchObject({
      status: 404,
      detail: expect.stringContaining('<action>/<hour>') as string,
    })
  })

  test.each([
    [`/models/everything/${id(4711)}`, 404],
    ['/models/everything/7', 400],
    [`/models/everything/${id(1)}?sort=id`, 400],
    ['/models/nothing', 404],
    ['/models/nothing/1', 404],
    ['/models/Everything', 404],
  ])('%s is %i', async (path, status) => {
    expect((await get(path)).status).toBe(status)
  })

  test('and pages have a tag: 304 until the rows change, however far the position moves', async () => {
    for (const path of [`/models/everything/${id(20)}`, '/models/everything?flag=true&limit=500']) {
      const tag = (await get(path)).headers.get('etag') ?? ''
      expect((await get(path, { 'if-none-match': `"x", ${tag}` })).status).toBe(304)
      await project.database.execute(`UPDATE everything SET count = count + 1000 WHERE id = '${id(20)}'`)
      expect((await get(path, { 'if-none-match': tag })).status).toBe(200)
      await project.database.execute(`UPDATE everything SET count = count - 1000 WHERE id = '${id(20)}'`)
    }
  })
})

describe('hostile queries', () => {
  const hostile = [
    `'; DROP TABLE everything; --`,
    `" OR 1=1 --`,
    `$1`,
    `\${1}`,
    `1) OR (1=1`,
    `%' OR '1'='1`,
    `\\'; SELECT pg_sleep(9)`,
  ]
  test.each(hostile)('%s as a name is refused, as a value it is a value', async (text) => {
    const attack = encodeURIComponent(text)
    for (const query of [
      `${attack}=1`,
      `count[${attack}]=1`,
      `sort=${attack}`,
      `fields=${attack}`,
      `count=${attack}`,
      `cursor=${attack}`,
    ])
      expect((await get(`/models/everything?${query}`)).status).toBe(400)
    expect(await numbers(`text=${attack}`)).toEqual([])
    expect((await get(`/models/counter/${attack}/2026-01-01`)).status).toBe(404)
    expect(await numbers('')).toHaveLength(60)
  })

  test('no query string whatever makes it fail', async () => {
    const name = fc.oneof(
      fc.constantFrom(
        'id',
        'text',
        'count',
        'big',
        'ratio',
        'price',
        'at',
        'plainAt',
        'bytes',
        'status',
        'tags',
        'detail',
        'sort',
        'fields',
        'cursor',
        'limit',
        'after',
        'wait',
      ),
      fc.string(),
    )
    const operator = fc.constantFrom('', '[gt]', '[lte]', '[in]', '[like]', '[null]', '[eq]', '[x]')
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom('true', 'open', id(1), '-id,count'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, operator, value), { maxLength: 4 }), async (parameters) => {
        const query = new URLSearchParams(
          parameters.map(([name, operator, value]): [string, string] => [name + operator, value]),
        )
        const { status } = await get(`/models/everything?${query.toString()}`)
        expect([200, 400]).toContain(status)
      }),
      { numRuns: 400 },
    )
  })
})
