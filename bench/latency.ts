// How long it takes until an event that was accepted is visible: POST /events, then GET /models/…?after=<token>&wait=2s, one at a
// time on an idle embedded stack of its own. Prints p50 and p99 of both halves and of the whole.
//   npm run bench -- latency [--events 500]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startStack } from '../tests/flow/start-stack.ts'
import { percentile } from './percentile.ts'

const { values } = parseArgs({ options: { events: { type: 'string', default: '500' } }, allowPositionals: true })
const events = Number(values.events)
const data = await mkdtemp(join(tmpdir(), 'millrace-latency-'))
const stack = await startStack({ data })

async function once(index: number): Promise<{ accept: number; visible: number; whole: number }> {
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
  for (let index = 0; index < 50; index += 1) await once(-1 - index)
  const samples = []
  for (let index = 0; index < events; index += 1) samples.push(await once(index))
  const line = (name: string, of: readonly number[]): string =>
    `${name.padEnd(34)} p50 ${percentile(of, 0.5).toFixed(1).padStart(7)} ms   p99 ${percentile(of, 0.99).toFixed(1).padStart(7)} ms`
  process.stdout.write(
    `${events} events, one at a time, idle embedded stack\n${[
      line(
        'accepted (POST /events, 202)',
        samples.map(({ accept }) => accept),
      ),
      line(
        'visible (GET …?after=…&wait=2s)',
        samples.map(({ visible }) => visible),
      ),
      line(
        'accepted and visible',
        samples.map(({ whole }) => whole),
      ),
    ].join('\n')}\n`,
  )
} finally {
  await stack.stop()
  await rm(data, { recursive: true, force: true })
}
