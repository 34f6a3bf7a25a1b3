// A projection is rebuilt while messages flow and people query it, swapped in, rolled back, and its rows are those of the log.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startStack, type Stack } from '../flow/start-stack.ts'

interface RebuildLine {
  readonly state: string
  readonly done?: number
  readonly total?: number
  readonly swapMs?: number
  readonly closedMs?: number
  readonly tries?: number
}

let data: string
let stack: Stack
let database: pg.Client

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-rebuild-'))
  stack = await startStack({ data })
  database = new pg.Client({ connectionString: stack.environment['DATABASE_URL'] })
  await database.connect()
})
afterAll(async () => {
  await database.end()
  await stack.stop()
  await rm(data, { recursive: true, force: true })
})

let written = 0

async function writeOne(): Promise<void> {
  const index = (written += 1)
  const response = await fetch(`${stack.url}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `m${index}` },
    body: JSON.stringify({ userId: `u${index % 40}`, text: index % 2 === 0 ? 'help' : 'sing a song' }),
  })
  expect(response.status).toBe(202)
  await response.text()
}

/** Writes messages, eight at once. */
async function write(count: number): Promise<void> {
  const end = written + count
  const writer = async (): Promise<void> => {
    while (written < end) await writeOne()
  }
  await Promise.all(Array.from({ length: 8 }, writer))
}

/** Does something again and again, resting in between, so that the machine has time for what is tested. */
async function keepOn(work: () => Promise<void>, restMs: number, signal: AbortSignal): Promise<void> {
  for (const stop = signal; !stop.aborted;) {
    await work()
    await pause(restMs)
  }
}

/** Runs `millrace rebuild` and gives its lines. */
async function rebuild(...args: string[]): Promise<{ readonly code: number | null; readonly lines: RebuildLine[] }> {
  const child = spawn(process.execPath, [resolve('bin/millrace.js'), 'rebuild', 'request-status', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...stack.environment, MILLRACE_DATA: data },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  const lines = output.trim() === '' ? [] : output.trim().split('\n')
  return { code, lines: lines.map((line) => JSON.parse(line) as RebuildLine) }
}

async function one<Row>(sql: string): Promise<Row> {
  const { rows } = await database.query<Row & pg.QueryResultRow>(sql)
  return rows[0] as Row
}

const applied = async (): Promise<number> =>
  (
    await one<{ applied: number }>(
      `SELECT sum(applied)::int AS applied FROM millrace.checkpoint WHERE consumer = 'request-status.v1'`,
    )
  ).applied

/** Waits until every request has its row and its last word. */
async function settled(): Promise<void> {
  for (;;) {
    const { open, all } = await one<{ open: number; all: number }>(
      `SELECT count(*) FILTER (WHERE status IN ('unknown', 'received', 'requested') OR reply NOT IN ('delivered', 'failed'))::int AS open,
         count(*)::int AS all FROM request_status`,
    )
    if (open === 0 && all === written) return
    await pause(200)
  }
}

/** Waits until the live version has read as far as the one before it had: rows look settled before they are complete. */
async function caughtUp(): Promise<void> {
  for (;;) {
    const { behind } = await one<{ behind: number }>(
      `SELECT count(*)::int AS behind FROM millrace.checkpoint p
       LEFT JOIN millrace.checkpoint l ON l.consumer = 'request-status.v1' AND (l.topic, l.partition) = (p.topic, p.partition)
       WHERE p.consumer = 'request-status.v1.previous' AND coalesce(l.next_offset, 0) < p.next_offset`,
    )
    if (behind === 0) return
    await pause(200)
  }
}

/** Compares the live rows with those of another schema. */
function compareWith(schema: string): Promise<{ readonly rows: number; readonly differ: number }> {
  return one(
    `SELECT (SELECT count(*)::int FROM public.request_status) AS rows,
      (SELECT count(*)::int FROM (
        (TABLE public.request_status EXCEPT TABLE ${schema}.request_status) UNION ALL
        (TABLE ${schema}.request_status EXCEPT TABLE public.request_status)) d) AS differ`,
  )
}

it('rebuilds and swaps while messages flow and queries are answered, and rolls back', async () => {
  await write(1000)
  const stop = new AbortController()
  const queries = { made: 0, failed: 0, slowestMs: 0 }
  const query = async (): Promise<void> => {
    const began = performance.now()
    const response = await fetch(`${stack.url}/models/request-status?limit=1`).catch(() => null)
    const body = response === null ? null : ((await response.json()) as { items?: unknown[] })
    queries.made += 1
    if (response?.status !== 200 || body?.items?.length !== 1) queries.failed += 1
    queries.slowestMs = Math.max(queries.slowestMs, performance.now() - began)
  }
  const busy = [keepOn(writeOne, 20, stop.signal), keepOn(query, 1, stop.signal), keepOn(query, 1, stop.signal)]
  const before = await applied()
  const { code, lines } = await rebuild()
  const swapped = lines.at(-1)
  expect({ code, state: swapped?.state }).toEqual({ code: 0, state: 'swapped' })
  const meanwhile = (await applied()) - before
  while (queries.made < 1000) await pause(20)
  stop.abort()
  await Promise.all(busy)
  const began = performance.now()
  await settled()
  const settledMs = performance.now() - began
  // A second rebuild, which nothing disturbs, tells what the rows must be.
  expect((await rebuild('--no-swap')).code).toBe(0)
  const { rows, differ } = await compareWith('millrace_next')
  expect((await rebuild('--abandon')).code).toBe(0)
  process.stdout.write(
    `queries in between ${queries.made} (>= 1,000), failed ${queries.failed}, slowest ${Math.round(queries.slowestMs)} ms, ` +
      `live events applied meanwhile ${meanwhile}, swap ${swapped?.swapMs} ms (readers shut out ${swapped?.closedMs} ms) in ${swapped?.tries} tries, ` +
      `settled after ${Math.round(settledMs)} ms, rows equal ${rows - differ} of ${rows}\n`,
  )
  expect(queries.made).toBeGreaterThanOrEqual(1000)
  expect(queries.failed).toBe(0)
  expect(meanwhile).toBeGreaterThan(0)
  expect({ rows, differ }).toEqual({ rows: written, differ: 0 })

  const { code: rolledBack, lines: answer } = await rebuild('--rollback')
  expect({ rolledBack, state: answer.at(-1)?.state }).toEqual({ rolledBack: 0, state: 'rolled-back' })
  // What happened since the swap is applied again from the log, also in partitions where nothing comes in any more.
  await caughtUp()
  expect(await compareWith('millrace_previous')).toEqual({ rows: written, differ: 0 })
})
