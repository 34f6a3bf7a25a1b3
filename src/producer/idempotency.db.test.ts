import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type HttpProject, httpProject } from '../../tests/fixtures/http-project.ts'
import { until } from '../../tests/fixtures/until.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { emittedRows } from './emitted-rows.ts'
import { pruneEmitted } from './prune-emitted.ts'

let project: HttpProject
beforeAll(async () => {
  project = await httpProject(import.meta.url)
})
afterAll(async () => project.close())
beforeEach(async () => {
  await project.database.execute('DELETE FROM millrace.emitted')
  project.log.records.length = 0
  project.log.before = () => undefined
})

const event = (id: string, text = 'x') => ({
  specversion: '1.0',
  id,
  source: '/tests',
  type: 'NoteWritten',
  data: { noteId: id, text },
})
const post = async (app: ReturnType<HttpProject['app']>, body: unknown, headers: Record<string, string> = {}) => {
  const type = Array.isArray(body) ? 'application/cloudevents-batch+json' : 'application/cloudevents+json'
  const answer = await app.request('/events', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': type, ...headers },
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const idsOnLog = (): (string | undefined)[] => project.log.records.map(({ headers }) => headers['ce_id'])

describe('two gateways on one database', () => {
  test('write an event once, whichever gets it and however often, and give one answer', async () => {
    const gateways = [project.app(), project.app()] as const
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => ({
        n: n % 20,
        ...(await post(gateways[n % 2 === 0 ? 0 : 1], event(`e${n % 20}`))),
      })),
    )
    expect(answers.every(({ status }) => status === 202)).toBe(true)
    expect(idsOnLog()).toHaveLength(20)
    expect(new Set(idsOnLog()).size).toBe(20)
    for (let n = 0; n < 20; n++)
      expect(new Set(answers.filter((answer) => answer.n === n).map(({ body }) => body['token'])).size).toBe(1)
  })

  test('write batches that overlap crosswise without blocking each other', async () => {
    const gateways = [project.app(), project.app()] as const
    const batches = Array.from({ length: 24 }, (_, turn) =>
      [0, 1, 2].map((step) => event(`b${(turn * 5 + step * (turn % 2 === 0 ? 1 : 3)) % 8}`)),
    )
    const answers = await Promise.all(batches.map(async (batch, turn) => post(gateways[turn % 2 === 0 ? 0 : 1], batch)))
    expect(answers.map(({ status }) => status)).toEqual(batches.map(() => 202))
    expect(new Set(idsOnLog()).size).toBe(idsOnLog().length)
  })
})

test('the same key with another body is a conflict, with the same one it is the same answer', async () => {
  const [one, two] = [project.app(), project.app()]
  const first = await post(one, event('k'), { 'idempotency-key': 'key-1' })
  expect(await post(two, event('k'), { 'idempotency-key': 'key-1' })).toEqual(first)
  expect(await post(two, event('other'), { 'idempotency-key': 'key-1' })).toMatchObject({
    status: 422,
    body: { code: 'MILLRACE_IDEMPOTENCY_CONFLICT' },
  })
  expect(await post(two, event('k', 'y'))).toMatchObject({ status: 422 })
  expect(idsOnLog()).toEqual(['k'])
})

test('a claim whose process died is taken over by the next request with the same body, once it is stale', async () => {
  const claim = { scope: 's', key: 'k', hash: 'aa' }
  const patient = emittedRows(project.database, 60_000)
  expect(await patient.claim([claim])).toEqual([{ kind: 'ours', fresh: true }])
  expect(await patient.claim([claim])).toEqual([{ kind: 'pending' }])
  const impatient = emittedRows(project.database, 0)
  expect(await impatient.claim([{ ...claim, hash: 'bb' }])).toEqual([{ kind: 'conflict' }])
  expect(await impatient.claim([claim])).toEqual([{ kind: 'ours', fresh: false }])
  await patient.release([claim])
  expect(await patient.claim([claim])).toEqual([{ kind: 'ours', fresh: false }])
  await patient.answer([{ claim, answer: ['x', 't', 0, '1'] }])
  expect(await impatient.claim([claim])).toEqual([{ kind: 'answered', answer: ['x', 't', 0, '1'] }])
})

test('claims of requests that arrive together share statements', async () => {
  let statements = 0
  const rows = emittedRows(
    {
      query: async (sql, ...values) => {
        statements += 1
        return project.database.query(sql, ...values)
      },
      execute: async (sql, ...values) => project.database.execute(sql, ...values),
    },
    60_000,
  )
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => rows.claim([{ scope: 's', key: `k${n}`, hash: 'aa' }])),
  )
  expect(outcomes.flat().every(({ kind }) => kind === 'ours')).toBe(true)
  expect(statements).toBeLessThan(5)
})

test('an event whose write failed is written by the repeat, under the same id', async () => {
  const app = project.app()
  project.log.before = () => {
    throw new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', 'away', { retriable: true })
  }
  expect((await post(app, event('r'))).status).toBe(503)
  project.log.before = () => undefined
  expect((await post(app, event('r', 'changed'))).status).toBe(422)
  expect((await post(app, event('r'))).status).toBe(202)
  expect(idsOnLog()).toEqual(['r'])
})

test('an event that the brokers will never take leaves its id free for one that fits', async () => {
  const app = project.app()
  project.log.before = () => {
    throw new MillraceError('MILLRACE_RECORD_REFUSED', 'too large')
  }
  expect((await post(app, event('large'))).status).toBe(413)
  project.log.before = () => undefined
  expect((await post(app, event('large', 'smaller'))).status).toBe(202)
})

test('a database that is away is 503 in time, and nothing is written', async () => {
  const away = await project.connect('postgresql://nobody@127.0.0.1:1/none')
  const app = project.app({ emitTimeoutMs: 3000 }, away)
  const { status, body } = await post(app, event('d'))
  expect(status).toBe(503)
  expect(JSON.stringify(body)).not.toContain('127.0.0.1')
  expect((await app.request('/models/counter')).status).toBe(503)
  expect(idsOnLog()).toEqual([])
  await away.close()
})

test('a database that stops answering is 503 in time, and nothing is written later', async () => {
  const app = project.app({ emitTimeoutMs: 200 })
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const locked = project.database.transaction(async (statements) => {
    await statements.execute('LOCK TABLE millrace.emitted IN ACCESS EXCLUSIVE MODE')
    await released
  })
  await until('the table is locked', async () => {
    const rows = await project.database.query(
      `SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'millrace.emitted'::regclass`,
    )
    return rows.length > 0
  })
  expect((await post(app, event('l'))).status).toBe(503)
  release()
  await locked
  expect((await post(app, event('l'))).status).toBe(202)
  expect(idsOnLog()).toEqual(['l'])
})

test('old answers are pruned, young ones stay', async () => {
  await project.database.execute(
    `INSERT INTO millrace.emitted (scope, key, body_hash, created_at)
     SELECT 's', i::text, '', now() - i * interval '1 hour' FROM generate_series(0, 47) AS g(i)`,
  )
  expect(await pruneEmitted(project.database)).toBe(24)
  expect(await project.database.query('SELECT FROM millrace.emitted')).toHaveLength(24)
})
