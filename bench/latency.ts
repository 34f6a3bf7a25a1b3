// How long it takes until an event that was accepted is visible: POST /events, then GET /models/…?after=<token>&wait=2s, one at a
// time on an idle embedded stack of its own. Prints p50 and p99 of both halves and of the whole, and the very first event apart.
//   npm run bench -- latency [--events 500] [--pause <ms between events>] [--json]
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startStack } from '../tests/flow/start-stack.ts'
import { percentile } from './percentile.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '500' },
    pause: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const pauseMs = Number(values.pause)
const data = await mkdtemp(join(tmpdir(), 'millrace-latency-'))
const stack = await startStack({ data })

interface Sample {
  readonly accept: number
  readonly visible: number
  readonly whole: number
}

async function once(index: number): Promise<Sample> {
  const userId = `latency-${index}`
  const began = performance.now()
  const accepted = await fetch(`${stack.url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      specversion: '1.0',
      id: `latency-${index}`,
      source: '/bench/latency',
      type: 'dev.example.assistant.v1.UserProfileChanged',
      data: {
        userId,
        displayName: null,
        location: 'Oslo',
        timezone: null,
        settings: {},
        active: true,
        revision: '1',
        changedAt: new Date().toISOString(),
      },
    }),
  })
  const answer = (await accepted.json()) as { token?: string }
  if (accepted.status !== 202) throw new Error(`POST /events: ${accepted.status} ${JSON.stringify(answer)}`)
  const acceptedAt = performance.now()
  const read = await fetch(`${stack.url}/models/user-profile/${userId}?after=${answer.token}&wait=2s`)
  const row: unknown = await read.json()
  if (read.status !== 200) throw new Error(`GET /models/user-profile: ${read.status} ${JSON.stringify(row)}`)
  const ended = performance.now()
  return { accept: acceptedAt - began, visible: ended - acceptedAt, whole: ended - began }
}

try {
  const first = await once(-1)
  for (let index = 2; index <= 50; index += 1) await once(-index)
  const samples: Sample[] = []
  for (let index = 0; index < events; index += 1) {
    if (pauseMs > 0) await pause(pauseMs)
    samples.push(await once(index))
  }
  const halves = [
    ['accepted (POST /events, 202)', 'accept'],
    ['visible (GET …?after=…&wait=2s)', 'visible'],
    ['accepted and visible', 'whole'],
  ] as const
  const figures = halves.map(([name, half]) => {
    const of = samples.map((sample) => sample[half])
    return { name, p50: percentile(of, 0.5), p99: percentile(of, 0.99), first: first[half] }
  })
  if (values.json) process.stdout.write(`${JSON.stringify({ events, pauseMs, load: loadavg(), figures })}\n`)
  else {
    const cell = (ms: number): string => `${ms.toFixed(1).padStart(7)} ms`
    const lines = figures.map(
      ({ name, p50, p99, first: very }) =>
        `${name.padEnd(34)} p50 ${cell(p50)}   p99 ${cell(p99)}   the first after the start ${cell(very)}`,
    )
    process.stdout.write(
      `${events} events, one at a time, ${pauseMs > 0 ? `${pauseMs} ms between them, ` : ''}idle embedded stack; load average ${loadavg()[0]?.toFixed(1)}\n${lines.join('\n')}\n`,
    )
  }
} finally {
  await stack.stop()
  await rm(data, { recursive: true, force: true })
}
