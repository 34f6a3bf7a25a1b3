// The assistant from end to end. The demo and its verifier, smaller: every request ends as the seed foretells, the read models are those that the verifier computes
// from the topics, and the verifier sees each planted fault. Then every query, and a schedule.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Stack, startStack } from './start-stack.ts'

let data: string
let stack: Stack

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-demo-'))
  const env = { WEATHER_TIMEOUT_MS: '2000', WEATHER_RETRY_DELAYS_MS: '100,300,1000,3000,10000' }
  stack = await startStack({ data, env })
})

afterAll(async () => {
  await stack.stop()
  rmSync(data, { recursive: true, force: true })
})

function run(program: string, ...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, ...stack.environment, PORT: new URL(stack.url).port }
  return new Promise((done) => {
    execFile(process.execPath, ['--import', 'tsx', program, '--seed', '7', ...args], { env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr + stack.errors() }),
    )
  })
}

describe('the demo', () => {
  it('ends with every request as the seed foretells', async () => {
    const { code, output } = await run('demo/run.ts', '--messages', '150')
    expect(output).toContain('as the seed foretells: 150 of 150')
    expect(code).toBe(0)
  })

  it('has read models equal to those computed from the topics', async () => {
    const { code, output } = await run('demo/verify.ts')
    expect(output.match(/rows \d+, rows that differ: 0/g)).toHaveLength(5)
    expect(code).toBe(0)
  })

  it.each(['drop', 'double', 'swap'])('shows when the verifier is made to %s', async (fault) => {
    const { code, output } = await run('demo/verify.ts', '--plant', fault)
    expect(output).toMatch(/^planted: .*\n(.*\n)*.*rows that differ: [1-9]/m)
    expect(code).toBe(1)
  })
})

interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

async function get<Body>(path: string): Promise<Body> {
  const response = await fetch(`${stack.url}${path}`)
  const body = (await response.json()) as Body
  expect([path, response.status, body]).toEqual([path, 200, body])
  return body
}

async function post(path: string, contentType: string, body: unknown): Promise<{ ids: string[]; token: string }> {
  const headers = { 'content-type': contentType }
  const response = await fetch(`${stack.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status).toBe(202)
  return (await response.json()) as { ids: string[]; token: string }
}

describe('the queries', () => {
  it('page through requests, the newest first, and tell the way of one', async () => {
    type Request = { requestId: string; status: string; userId: string; receivedAt: string }
    const first = await get<Page<Request>>('/requests?status=done&limit=3')
    const second = await get<Page<Request>>(`/requests?status=done&limit=3&cursor=${first.next}`)
    const all = [...first.items, ...second.items]
    expect(new Set(all.map(({ requestId }) => requestId)).size).toBe(6)
    expect(all.map(({ receivedAt }) => receivedAt)).toEqual(
      all
        .map(({ receivedAt }) => receivedAt)
        .toSorted()
        .toReversed(),
    )
    const one = await get<Request & { timeline: { step: string }[] }>(`/requests/${first.items[0]?.requestId}`)
    expect(one.timeline.map(({ step }) => step)).toEqual(expect.arrayContaining(['received', 'done', 'delivered']))
    expect((await fetch(`${stack.url}/requests/none`)).status).toBe(404)
    expect((await fetch(`${stack.url}/requests?from=yesterday`)).status).toBe(400)
  })

  it('tell what is known of users and what was said', async () => {
    const users = await get<Page<{ userId: string; location: string | null }>>('/users?hasLocation=true&limit=5')
    expect(users.items.length).toBeGreaterThan(0)
    for (const { location } of users.items) expect(location).not.toBeNull()
    const userId = users.items[0]?.userId ?? ''
    expect(await get(`/users/${userId}`)).toMatchObject({ userId })
    const said = await get<Page<{ author: string }>>(`/conversations/${userId}/messages`)
    expect(new Set(said.items.map(({ author }) => author))).toEqual(new Set(['user', 'assistant']))
  })

  it('tell the weather, with a tag that spares the caller what it has', async () => {
    const places = await get<Page<{ location: string; requests: number }>>('/weather?order=requests')
    const counts = places.items.map(({ requests }) => requests)
    expect(counts).toEqual(counts.toSorted((one, other) => other - one))
    const place = `${stack.url}/weather/${places.items[0]?.location.toUpperCase()}`
    const etag = (await fetch(place)).headers.get('etag') ?? ''
    expect((await fetch(place, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it('count usage by day', async () => {
    const usage =
      await get<Page<{ action: string; completed: number; users: number; p95Ms: number | null }>>(
        '/stats/actions?bucket=day',
      )
    expect(usage.items.map(({ action }) => action)).toEqual(['help', 'profile', 'unknown', 'weather'])
    for (const { completed, users, p95Ms } of usage.items) {
      expect(users).toBeGreaterThan(0)
      expect(p95Ms === null).toBe(completed === 0)
    }
  })

  it('show a message to whoever just posted it', async () => {
    const { token } = await post('/messages', 'application/json', { userId: 'ada', text: 'set location Oslo' })
    const mine = await get<Page<{ text: string }>>(`/requests?userId=ada&after=${token}&wait=10s`)
    expect(mine.items.map(({ text }) => text)).toEqual(['set location Oslo'])
  })
})

describe('a schedule', () => {
  it('asks for every user with a location each time it is due', async () => {
    await expect
      .poll(() => fetch(`${stack.url}/users/ada`).then((response) => response.json()), { timeout: 20_000 })
      .toMatchObject({ location: 'Oslo' })
    await post('/events', 'application/cloudevents+json', {
      specversion: '1.0',
      id: 'every-second',
      source: '/test',
      type: 'ScheduleDefined',
      data: {
        scheduleId: 'every-second',
        cron: '* * * * * *',
        action: 'weather',
        arguments: {},
        audience: 'USERS',
        userIds: ['ada'],
        enabled: true,
        misfire: 'SKIP',
      },
    })
    const answers = async (): Promise<number> => {
      const said = await get<Page<{ text: string | null }>>('/conversations/ada/messages')
      return said.items.filter(({ text }) => text?.startsWith('Oslo: ')).length
    }
    await expect.poll(answers, { timeout: 60_000, interval: 250 }).toBeGreaterThan(1)
  })
})
