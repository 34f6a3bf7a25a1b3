// npm run demo:verify -- --seed 1 [--plant drop|double|swap]: reads the topics and folds them a second time, with code that shares
// nothing with the engine, and compares the five read models with Postgres row by row.
// Exit code 0: all rows are equal. 1: some differ; with --plant they have to. 2: it could not be found out.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from 'pg'
import { openStack } from './stack.ts'
import type { Stack } from './stack.ts'
import { compareRows } from './verify/compare-rows.ts'
import { foldEntries } from './verify/fold-entries.ts'
import type { Models } from './verify/fold-entries.ts'
import { plantFault } from './verify/plant-fault.ts'
import type { Fault } from './verify/plant-fault.ts'
import { readTopics } from './verify/read-topics.ts'

const topics = [
  'assistant.messages',
  'assistant.users',
  'assistant.tasks.weather',
  'assistant.tasks.profile',
  'assistant.tasks.help',
  'assistant.outcomes',
  'assistant.replies',
  'assistant.deliveries',
]
/** How long rows may lag behind the log before they count as different, in milliseconds. */
const patienceMs = 30_000

const write = (text: string): void => void process.stdout.write(text)

interface Outcome {
  readonly lines: readonly string[]
  readonly differences: readonly string[]
}

async function compare(client: Client, models: Models): Promise<Outcome> {
  const lines: string[] = []
  const differences: string[] = []
  for (const [model, tables] of Object.entries(models)) {
    let rows = 0
    const before = differences.length
    for (const table of tables) {
      const comparison = await compareRows(client, table)
      rows += comparison.rows
      differences.push(...comparison.differences)
    }
    lines.push(
      `${model.padEnd(18)} rows ${rows.toLocaleString('en')}, rows that differ: ${differences.length - before}`,
    )
  }
  return { lines, differences }
}

/** Compares until the rows have caught up with the log, or have had half a minute for it. */
async function compareWhenCaughtUp(client: Client, models: Models): Promise<Outcome> {
  const until = Date.now() + patienceMs
  for (;;) {
    const outcome = await compare(client, models)
    if (outcome.differences.length === 0 || Date.now() > until) return outcome
    await sleep(500)
  }
}

function report({ lines, differences }: Outcome): number {
  for (const line of lines) write(`${line}\n`)
  for (const line of differences.slice(0, 5)) write(`  ${line}\n`)
  return differences.length === 0 ? 0 : 1
}

async function verify({ stores }: Stack, fault: Fault | null): Promise<number> {
  const setting = (name: string): string => {
    const value = stores[name]
    if (value === undefined) throw new Error(`${name} is not set, and no stack has written it down`)
    return value
  }
  const prefix = process.env['MILLRACE_TOPIC_PREFIX'] ?? ''
  const entries = await readTopics({
    brokers: setting('KAFKA_BROKERS').split(','),
    registryUrl: setting('SCHEMA_REGISTRY_URL'),
    topics: topics.map((topic) => `${prefix}${topic}`),
  })
  if (entries.length === 0) throw new Error('the topics are empty; run `npm run demo` first')
  write(`read ${entries.length.toLocaleString('en')} records of ${topics.length} topics\n`)
  const client = new Client({ connectionString: setting('DATABASE_URL') })
  await client.connect()
  try {
    const clean = await compareWhenCaughtUp(client, foldEntries(entries))
    if (fault === null) return report(clean)
    if (clean.differences.length > 0) {
      report(clean)
      throw new Error('the rows differ before anything was planted')
    }
    const planted = plantFault(entries, fault)
    write(`planted: ${planted.what}\n`)
    return report(await compare(client, foldEntries(planted.entries)))
  } finally {
    await client.end()
  }
}

function readArguments(): { readonly seed: number; readonly fault: Fault | null } {
  const options = { seed: { type: 'string', default: '1' }, plant: { type: 'string' } } as const
  const { seed, plant = null } = parseArgs({ options }).values
  if (plant !== null && plant !== 'drop' && plant !== 'double' && plant !== 'swap')
    throw new TypeError(`--plant ${plant}: expected drop, double or swap`)
  return { seed: Number(seed), fault: plant }
}

async function main(): Promise<number> {
  const { seed, fault } = readArguments()
  const stack = await openStack({ isFresh: false, seed, env: process.env })
  try {
    return await verify(stack, fault)
  } finally {
    await stack.stop()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`demo:verify: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
