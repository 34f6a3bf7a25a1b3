import fc from 'fast-check'
import type { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { deskDefinitions } from '../../tests/fixtures/desk-definitions.ts'
import { producedLog } from '../../tests/fixtures/produced-log.ts'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { createBaseApp } from '../http/create-base-app.ts'
import { createMetrics } from '../observability/create-metrics.ts'
import { createHealth } from '../observability/health.ts'
import { EventCodec } from '../schema/event-codec.ts'
import { positionTokens } from '../topic/position-token.ts'
import { acceptEvents } from './accept-events.ts'
import { createEmitter } from './create-emitter.ts'
import type { Claim, ClaimOutcome, EmittedRows } from './emitted-rows.ts'
import { gatewayRoutes } from './gateway-routes.ts'

/** What millrace.emitted does, in memory. */
function memoryRows(): EmittedRows & { readonly rows: Map<string, { hash: string; answer: unknown }> } {
  const rows = new Map<string, { hash: string; answer: unknown }>()
  const place = ({ scope, key }: Claim): string => `${scope} ${key}`
  const drop = (claims: readonly Claim[]): Promise<void> => {
    for (const claim of claims) rows.delete(place(claim))
    return Promise.resolve()
  }
  return {
    rows,
    claim: (claims) =>
      Promise.resolve(
        claims.map((claim): ClaimOutcome => {
          const row = rows.get(place(claim))
          if (row === undefined) {
            rows.set(place(claim), { hash: claim.hash, answer: undefined })
            return { kind: 'ours', fresh: true }
          }
          if (row.hash !== claim.hash) return { kind: 'conflict' }
          return row.answer === undefined ? { kind: 'pending' } : { kind: 'answered', answer: row.answer }
        }),
      ),
    answer(answers) {
      for (const { claim, answer } of answers) rows.set(place(claim), { hash: claim.hash, answer })
      return Promise.resolve()
    },
    release: drop,
    abandon: drop,
  }
}

const away = new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', 'no broker', { retriable: true })

function setUp({ emitTimeoutMs = 2000, schemaId = () => Promise.resolve(7) } = {}) {
  const log = producedLog()
  const codec = new EventCodec()
  const rows = memoryRows()
  const emitter = createEmitter({ connect: () => Promise.resolve(log.producer), codec, schemaId, app: 'desk' })
  const tokens = positionTokens(Buffer.alloc(32))
  const app = createBaseApp({
    logger: silentLogger,
    metrics: createMetrics({ processMetrics: false }),
    health: createHealth(),
  })
  app.route(
    '/',
    gatewayRoutes({
      ...deskDefinitions,
      app: 'desk',
      codec,
      emitter,
      tokens,
      accept: acceptEvents({ emitter, rows, logger: silentLogger, pendingPauseMs: 1 }),
      batchLimit: 100,
      emitTimeoutMs,
    }),
  )
  return { app, log, rows, tokens }
}

const written = (id: string, data: object = { noteId: 'n1', text: 'hello', size: '5' }) => ({
  specversion: '1.0',
  id,
  source: '/tests',
  type: 'desk.v1.NoteWritten',
  data,
})

const post = async (app: Pick<Hono, 'request'>, path: string, body: unknown, headers: Record<string, string> = {}) => {
  const answer = await app.request(path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> }
}
const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
const batch = { 'content-type': 'application/cloudevents-batch+json' }

describe('POST /events', () => {
  test('writes one structured event with key, partition, envelope and bytes, and answers its token', async () => {
    const { app, log, tokens } = setUp()
    const { status, body, headers } = await post(
      app,
      '/events',
      { ...written('e1'), time: '2026-01-31T12:00:00Z', correlationid: 'c1', traceparent: '00-aa', shade: 'blue' },
      structured,
    )
    expect(status).toBe(202)
    expect(body['ids']).toEqual(['e1'])
    const [record] = log.records
    expect(record).toMatchObject({
      topic: 'desk.notes',
      key: Buffer.from('n1'),
      partition: expect.any(Number) as number,
    })
    expect(record?.headers).toMatchObject({
      ce_id: 'e1',
      ce_type: 'desk.v1.NoteWritten',
      ce_source: '/tests',
      ce_time: '2026-01-31T12:00:00.000Z',
      ce_correlationid: 'c1',
      ce_shade: 'blue',
      traceparent: '00-aa',
    })
    expect(record?.value?.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, 7]))
    expect(headers.get('millrace-position')).toBe(body['token'])
    expect(tokens.read(String(body['token'])).partitions).toEqual([
      { topic: 'desk.notes', partition: record?.partition, runs: [{ first: 0n, last: 0n }] },
    ])
  })

  test('takes binary mode, with percent-encoded attributes and the short name of the type', async () => {
    const { app, log } = setUp()
    const { status } = await post(
      app,
      '/events',
      { noteId: 'n2', text: 'x' },
      {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'caf%C3%A9',
        'ce-source': '/tests',
        'ce-type': 'NoteWritten',
      },
    )
    expect(status).toBe(202)
    expect(log.records[0]?.headers['ce_id']).toBe('café')
  })

  test('takes a batch as a whole, or writes nothing and names every problem', async () => {
    const { app, log } = setUp()
    const good = await post(
      app,
      '/events',
      [written('b1'), written('b2'), written('b3', { noteId: 'n9', text: 'y' })],
      batch,
    )
    expect(good).toMatchObject({ status: 202, body: { ids: ['b1', 'b2', 'b3'] } })
    const bad = await post(
      app,
      '/events',
      [written('b4'), written('b5', { noteId: 5, text: 'x' }), { ...written('b6'), type: 'Nope' }, { id: '' }, 7],
      batch,
    )
    expect(bad.status).toBe(400)
    const fields = (bad.body['errors'] as { field: string }[]).map(({ field }) => field)
    expect(fields).toEqual(expect.arrayContaining(['[1].data.noteId', '[2].type', '[3].specversion', '[3].id', '[4]']))
    expect(log.records).toHaveLength(3)
  })

  test.each([
    ['no body', '', structured, 400, 'body'],
    ['broken JSON', '{"a":', structured, 400, ''],
    ['deep JSON', '['.repeat(100), structured, 400, ''],
    ['a hidden __proto__', '{"\\u005f_proto__":{}}', structured, 400, ''],
    ['another type of content', '{}', { 'content-type': 'text/plain' }, 415, ''],
    ['plain JSON without attributes', '{}', { 'content-type': 'application/json' }, 415, ''],
    ['an empty batch', '[]', batch, 400, ''],
    ['a batch that is too long', JSON.stringify(Array.from({ length: 101 }, () => 1)), batch, 400, ''],
  ])('refuses %s', async (_, body, headers, status) => {
    const { app, log } = setUp()
    const answer = await post(app, '/events', body, headers)
    expect(answer.status).toBe(status)
    expect(answer.body['code']).toMatch(/^MILLRACE_/)
    expect(log.records).toHaveLength(0)
  })

  test.each([
    [{ type: 'desk.v1.NoteRemoved', data: { noteId: 'n' } }, 'topic'],
    [{ type: 'desk.v1.NoteRemoved', data: { noteId: 'n' }, topic: 'desk.other' }, 'topic'],
    [{ data: { noteId: 'n', text: 't', extra: 1 } }, 'data.extra'],
    [{ data: { noteId: 'n', text: 't', size: 1e300 } }, 'data.size'],
    [{ data: { text: 't' } }, 'data.noteId'],
    [{ time: 'yesterday' }, 'time'],
    [{ id: 'a\u0000b' }, 'id'],
    [{ specversion: '0.3' }, 'specversion'],
    [{ data_base64: 'AA==' }, 'data_base64'],
    [{ Upper: 'x' }, 'Upper'],
  ])('names the wrong field of %j', async (change, field) => {
    const answer = await post(setUp().app, '/events', { ...written('e'), ...change }, structured)
    expect(answer.status).toBe(400)
    expect((answer.body['errors'] as { field: string }[]).map((problem) => problem.field)).toContain(field)
  })

  test('sends an event that several topics carry where the attribute topic says', async () => {
    const { app, log } = setUp()
    const event = { ...written('e1'), type: 'NoteRemoved', topic: 'desk.archive', data: { noteId: 'n' } }
    expect((await post(app, '/events', event, structured)).status).toBe(202)
    expect(log.records[0]?.topic).toBe('desk.archive')
  })
})

describe('the same event again', () => {
  test('gets the same answer and is written once, one after the other or at the same time', async () => {
    const { app, log } = setUp()
    const first = await post(app, '/events', written('e1'), structured)
    const again = await Promise.all(Array.from({ length: 10 }, () => post(app, '/events', written('e1'), structured)))
    expect(new Set([first, ...again].map(({ body }) => body['token'])).size).toBe(1)
    const at = await Promise.all(Array.from({ length: 10 }, () => post(app, '/events', written('e2'), structured)))
    expect(new Set(at.map(({ body }) => body['token'])).size).toBe(1)
    expect(log.records).toHaveLength(2)
  })

  test('with other content is refused, and leaves the rest of its batch free', async () => {
    const { app, log } = setUp()
    await post(app, '/events', written('e1'), structured)
    const other = written('e1', { noteId: 'n1', text: 'other' })
    const answer = await post(app, '/events', [written('e2'), other], batch)
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'MILLRACE_IDEMPOTENCY_CONFLICT', errors: [{ field: '[1].id' }] },
    })
    expect(log.records).toHaveLength(1)
    expect((await post(app, '/events', written('e2', { noteId: 'changed', text: 'x' }), structured)).status).toBe(202)
  })

  test('counts once within a batch, and a batch that contradicts itself is refused', async () => {
    const { app, log } = setUp()
    const twice = await post(app, '/events', [written('e1'), written('e1')], batch)
    expect(twice).toMatchObject({ status: 202, body: { ids: ['e1', 'e1'] } })
    expect(log.records).toHaveLength(1)
    const torn = await post(app, '/events', [written('e2'), written('e2', { noteId: 'm', text: 'z' })], batch)
    expect(torn).toMatchObject({ status: 400, body: { errors: [{ field: '[1].id' }] } })
  })

  test('does not wait for ever for requests that overlap crosswise', async () => {
    const { app, log } = setUp()
    const ids = ['a', 'b', 'c']
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, turn) =>
        post(
          app,
          '/events',
          [0, 1].map((step) => written(ids[(turn + step) % 3] ?? '')),
          batch,
        ),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 202))
    expect(log.records).toHaveLength(3)
  })
})

describe('when the brokers are away', () => {
  test('answers 503 with Retry-After, and the same request succeeds later', async () => {
    const { app, log } = setUp()
    log.before = () => {
      throw away
    }
    const down = await post(app, '/events', written('e1'), structured)
    expect(down.status).toBe(503)
    expect(down.headers.get('retry-after')).toBe('2')
    log.before = () => undefined
    expect((await post(app, '/events', written('e1'), structured)).status).toBe(202)
    expect(log.records).toHaveLength(1)
  })

  test('answers within its time when nothing answers at all, and a late acknowledgement is the answer of the repeat', async () => {
    const { app, log } = setUp({ emitTimeoutMs: 50 })
    let acknowledge = (): void => undefined
    const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve))
    log.after = () => acknowledged
    expect((await post(app, '/events', written('e1'), structured)).body).toMatchObject({
      status: 503,
      code: 'MILLRACE_EMIT_UNAVAILABLE',
    })
    const repeat = post(app, '/events', written('e1'), structured)
    acknowledge()
    expect((await repeat).status).toBe(202)
    expect(log.records).toHaveLength(1)
  })

  test('answers 503 when the registry is away', async () => {
    const registryAway = new MillraceError('MILLRACE_REGISTRY_UNAVAILABLE', 'x', { retriable: true })
    const { app, rows } = setUp({ schemaId: () => Promise.reject(registryAway) })
    expect((await post(app, '/events', written('e1'), structured)).status).toBe(503)
    expect(rows.rows.size).toBe(0)
  })

  test('forgets an event that the brokers will never take', async () => {
    const { app, log } = setUp()
    log.before = () => {
      throw new MillraceError('MILLRACE_RECORD_REFUSED', 'the record is too large')
    }
    expect((await post(app, '/events', written('e1'), structured)).status).toBe(413)
    log.before = () => undefined
    expect((await post(app, '/events', written('e1', { noteId: 'n', text: 'less' }), structured)).status).toBe(202)
  })
})

describe('the route of a producer', () => {
  const json = { 'content-type': 'application/json' }
  test('writes what produce makes, with ids that derive from the idempotency key', async () => {
    const { app, log } = setUp()
    const first = await post(app, '/notes', { text: 'hello' }, { ...json, 'idempotency-key': 'k1' })
    const again = await post(app, '/notes', { text: 'hello' }, { ...json, 'idempotency-key': 'k1' })
    expect(first.status).toBe(202)
    expect(again.body).toEqual(first.body)
    expect(log.records.map(({ topic }) => topic)).toEqual(['desk.notes', 'desk.archive'])
    expect(log.records[0]?.headers['ce_source']).toBe('/desk/write-note')
    const fresh = setUp()
    const elsewhere = await post(fresh.app, '/notes', { text: 'hello' }, { ...json, 'idempotency-key': 'k1' })
    expect(elsewhere.body['ids']).toEqual(first.body['ids'])
  })

  test('writes each request without a key', async () => {
    const { app, log } = setUp()
    const [one, two] = await Promise.all([
      post(app, '/notes', { text: 'a' }, json),
      post(app, '/notes', { text: 'a' }, json),
    ])
    expect(one.body['ids']).not.toEqual(two.body['ids'])
    expect(log.records).toHaveLength(4)
  })

  test('refuses another body under the same key, and a body that is wrong', async () => {
    const { app } = setUp()
    await post(app, '/notes', { text: 'a' }, { ...json, 'idempotency-key': 'k1' })
    const other = await post(app, '/notes', { text: 'b' }, { ...json, 'idempotency-key': 'k1' })
    expect(other).toMatchObject({
      status: 422,
      body: { code: 'MILLRACE_IDEMPOTENCY_CONFLICT', errors: [{ field: 'Idempotency-Key' }] },
    })
    const wrong = await post(app, '/notes', { text: 5, more: true }, json)
    expect((wrong.body['errors'] as { field: string }[]).map(({ field }) => field)).toEqual(['text', 'more'])
    expect((await post(app, '/notes', { text: 'a' }, { ...json, 'idempotency-key': 'a b' })).status).toBe(400)
  })
})

test('no body whatever makes the gateway fail', async () => {
  const { app } = setUp()
  const noise = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map((data) => JSON.stringify({ ...written('e'), data })),
  )
  await fc.assert(
    fc.asyncProperty(
      noise,
      fc.constantFrom(structured, batch, { 'content-type': 'application/json' }),
      async (body, headers) => {
        const { status } = await post(app, '/events', body, headers)
        expect([202, 400, 415, 422]).toContain(status)
      },
    ),
    { numRuns: 300 },
  )
})
