import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors/millrace-error.ts'
import { createLogger } from '../observability/create-logger.ts'
import { createMetrics } from '../observability/create-metrics.ts'
import { createHealth } from '../observability/health.ts'
import { bearerGuard } from './bearer-guard.ts'
import { createBaseApp } from './create-base-app.ts'

function setUp() {
  const lines: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
  const health = createHealth()
  const metrics = createMetrics({ processMetrics: false })
  const app = createBaseApp({ logger, health, metrics, bodyLimitBytes: 2000 })
  app.post('/echo', async (c) => c.text(await c.req.text()))
  app.get('/things/:id', (c) => c.text(c.req.param('id')))
  app.get('/broken', () => {
    throw new Error('secret detail of the inside')
  })
  app.get('/away', () => {
    throw new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', 'broker 10.0.0.7 is away', { retriable: true })
  })
  app.use('/admin/*', bearerGuard('a-long-admin-token'))
  app.get('/admin/things', (c) => c.text('things'))
  return { app, health, lines }
}

describe('every answer', () => {
  test('has security headers, a request id, and no permission for other origins', async () => {
    const { app } = setUp()
    const answer = await app.request('/things/1', { headers: { origin: 'https://elsewhere', 'x-request-id': 'abc-1' } })
    expect(answer.headers.get('x-request-id')).toBe('abc-1')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('does not repeat a request id that could harm a log', async () => {
    const { app } = setUp()
    const answer = await app.request('/things/1', { headers: { 'x-request-id': 'a b\tc' } })
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('is logged in one line, and counted by the pattern of its route', async () => {
    const { app, lines } = setUp()
    await app.request('/things/42')
    await app.request('/nowhere/42')
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { method: 'GET', path: '/things/42', status: 200, msg: 'request' },
      { path: '/nowhere/42', status: 404 },
    ])
    const metrics = await (await app.request('/metrics')).text()
    expect(metrics).toContain('route="/things/:id",status="200"} 1')
    expect(metrics).toContain('route="none",status="404"} 1')
    expect(metrics).not.toContain('nowhere')
  })
})

describe('a failure', () => {
  test('inside tells nothing but its request id, which the log explains', async () => {
    const { app, lines } = setUp()
    const answer = await app.request('/broken', { headers: { 'x-request-id': 'r-1' } })
    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'MILLRACE_INTERNAL', status: 500, instance: 'r-1' })
    expect(text).not.toContain('secret detail')
    expect(lines.join('')).toContain('secret detail')
  })

  test('that may pass is 503 with Retry-After, without addresses', async () => {
    const answer = await setUp().app.request('/away')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(await answer.text()).not.toContain('10.0.0.7')
  })

  test.each(['/things/a%00', '/things/a?b=%00', '/things/a?%00=b'])(
    'is the mistake of the client with NUL in %s',
    async (path) => {
      const answer = await setUp().app.request(path)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'MILLRACE_REQUEST_INVALID' })
    },
  )

  test.each([
    ['GET', '/nowhere', 404, 'MILLRACE_NOT_FOUND', null],
    ['POST', '/things/1', 405, 'MILLRACE_METHOD_NOT_ALLOWED', 'GET'],
    ['GET', '/echo', 405, 'MILLRACE_METHOD_NOT_ALLOWED', 'POST'],
  ])('%s %s is %i', async (method, path, status, code, allow) => {
    const answer = await setUp().app.request(path, { method })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ code, status, type: `urn:millrace:error:${code}` })
    expect(answer.headers.get('allow')).toBe(allow)
  })
})

describe('a body over the limit', () => {
  const large = 'x'.repeat(2001)
  test('is refused by its length', async () => {
    const answer = await setUp().app.request('/echo', {
      method: 'POST',
      body: large,
      headers: { 'content-length': String(large.length) },
    })
    expect(answer.status).toBe(413)
  })

  test('is refused while it comes, when it names no length', async () => {
    const body = new Blob([large]).stream()
    const answer = await setUp().app.request('/echo', { method: 'POST', body, duplex: 'half' })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ code: 'MILLRACE_BODY_TOO_LARGE' })
  })
})

describe('/admin', () => {
  test.each([
    [undefined, 401],
    ['Bearer wrong', 401],
    ['a-long-admin-token', 401],
    ['Basic a-long-admin-token', 401],
    ['Bearer a-long-admin-token', 200],
    ['bearer a-long-admin-token', 200],
  ])('with %s is %i', async (authorization, status) => {
    const headers = authorization === undefined ? {} : { authorization }
    const answer = await setUp().app.request('/admin/things', { headers })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
  })

  test('is closed to all where no token is set', async () => {
    const { app } = setUp()
    app.use('/closed/*', bearerGuard(null))
    const answer = await app.request('/closed/x', { headers: { authorization: 'Bearer null' } })
    expect(answer.status).toBe(401)
  })
})

test('health follows the parts', async () => {
  const { app, health } = setUp()
  const part = health.part('database')
  expect((await app.request('/health/ready')).status).toBe(503)
  expect((await app.request('/health/live')).status).toBe(200)
  part.ready(true)
  expect(await (await app.request('/health/ready')).json()).toEqual({
    ready: true,
    parts: [{ name: 'database', ready: true, live: true }],
  })
})
