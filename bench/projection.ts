// How fast a projection goes from topic to rows beside the consumer that everybody writes first, both in one process of their
// own over the embedded stack (three more processes, fsync on), in one run: alternated repeats, medians, end rows compared.
//   npm run bench -- projection [--events 100000] [--keys 20000] [--naive 5000] [--repeats 3] [--json] [--profile <folder>]
//     [--rows owned|shared] [--before <dist>]    (another build in the place of the naive consumer)
// Exit code 1 when a row differs.
import { fork } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuSeconds } from './cpu-seconds.ts'
import { percentile } from './percentile.ts'
import { compareRows, type Comparison } from './projection/compare-rows.ts'
import type { ConsumerMessage, ConsumerTask } from './projection/consumer-report.ts'
import { fillTopic } from './projection/fill-topic.ts'
import { makeChanges } from './projection/make-changes.ts'
import { startStores } from './stores.ts'

import { createDatabase } from '../embedded/postgres/create-database.ts'
import { migrate } from '../src/database/migrate.ts'
import { migrateEngine } from '../src/database/migrate-engine.ts'

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    keys: { type: 'string', default: '20000' },
    naive: { type: 'string', default: '5000' },
    repeats: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
    before: { type: 'string' },
    rows: { type: 'string', multiple: true, default: ['owned', 'shared'] },
  },
})
const events = Number(options.events)
/** What ours is measured beside. */
const rival = options.before === undefined ? 'naive' : 'before'
const rivalEvents = rival === 'naive' ? Math.min(events, Number(options.naive)) : events
type Who = 'ours' | typeof rival
const progress = (text: string): boolean => process.stderr.write(`${text}\n`)

interface Sample extends Comparison {
  readonly rate: number
  /** CPU seconds for each million of events. */
  readonly cpu: { readonly client: number; readonly postgres: number; readonly broker: number }
  readonly batches: readonly number[]
}

const stores = await startStores()
try {
  const changes = makeChanges(events, Number(options.keys))
  const partitions = await fillTopic(stores, changes)
  progress(`${events} events on 12 partitions; load ${loadavg()[0]?.toFixed(1)}`)
  const template = await createDatabase(stores.postgres, 'bench_template')
  await migrateEngine(template)
  await migrate({ url: template, folder: fileURLToPath(new URL('projection/prisma/migrations', import.meta.url)) })

  let runs = 0
  const run = async (who: Who, kind: 'owned' | 'shared'): Promise<Sample> => {
    runs += 1
    const database = await createDatabase(stores.postgres, `bench_${runs}`, { template: 'bench_template' })
    const count = who === 'ours' ? events : rivalEvents
    const addresses = { broker: stores.broker, registry: stores.registry, database }
    const used = (): { postgres: number; broker: number } => ({
      postgres: cpuSeconds(stores.pids.postgres),
      broker: cpuSeconds(stores.pids.broker),
    })
    let before = used()
    const done = await consume(who, { ...addresses, kind, events: count, group: `bench-${runs}` }, () => {
      before = used()
    })
    const after = used()
    const folded = partitions.flatMap((of, partition) => of.slice(0, done.taken[partition] ?? 0))
    const compared = await compareRows(database, kind, folded)
    const sample = {
      ...compared,
      rate: count / done.seconds,
      cpu: {
        client: (done.cpuSeconds / count) * 1e6,
        postgres: ((after.postgres - before.postgres) / count) * 1e6,
        broker: ((after.broker - before.broker) / count) * 1e6,
      },
      batches: done.batches,
    }
    progress(
      `${kind}, ${who}: ${sample.rate.toFixed(0)} events/s, ${compared.rows} rows, ${compared.differ} differ; load ${loadavg()[0]?.toFixed(1)}`,
    )
    return sample
  }

  const results = []
  for (const kind of ['owned', 'shared'] as const) {
    if (!options.rows.includes(kind)) continue
    const samples: { readonly rival: Sample[]; readonly ours: Sample[] } = { rival: [], ours: [] }
    for (let repeat = 0; repeat < Number(options.repeats); repeat += 1) {
      samples.rival.push(await run(rival, kind))
      samples.ours.push(await run('ours', kind))
    }
    results.push(summarise(kind, samples.rival, samples.ours))
  }
  if (options.json)
    process.stdout.write(`${JSON.stringify({ events, rival, rivalEvents, load: loadavg(), results })}\n`)
  else print(results)
  if (results.some(({ differ }) => differ > 0)) process.exitCode = 1
} finally {
  await stores.stop()
}

/** Runs a consumer program until it has taken its events. */
async function consume(
  who: Who,
  task: ConsumerTask,
  began: () => void,
): Promise<Extract<ConsumerMessage, { kind: 'done' }>> {
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', `${options.profile}/${who}`]
  const program = fileURLToPath(new URL(`projection/run-${who === 'naive' ? 'naive' : 'ours'}.ts`, import.meta.url))
  const child = fork(program, [JSON.stringify(task)], {
    execArgv: ['--import', 'tsx', ...profiling],
    env: who === 'before' ? { ...process.env, BENCH_DIST: options.before } : process.env,
  })
  let done: Extract<ConsumerMessage, { kind: 'done' }> | null = null
  child.on('message', (message: ConsumerMessage) => {
    if (message.kind === 'began') began()
    else done = message
  })
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  if (done === null) throw new Error(`the ${who} consumer ended with code ${code} before it had taken all events`)
  return done
}

function summarise(kind: string, other: readonly Sample[], ours: readonly Sample[]) {
  const median = (of: readonly Sample[], value: (sample: Sample) => number): number => percentile(of.map(value), 0.5)
  const party = (of: readonly Sample[]) => ({
    eventsPerSecond: median(of, ({ rate }) => rate),
    slowest: Math.min(...of.map(({ rate }) => rate)),
    fastest: Math.max(...of.map(({ rate }) => rate)),
    cpuSecondsPerMillion: {
      client: median(of, ({ cpu }) => cpu.client),
      postgres: median(of, ({ cpu }) => cpu.postgres),
      broker: median(of, ({ cpu }) => cpu.broker),
    },
    rows: of.map(({ rows }) => rows),
  })
  const sizes = ours.flatMap(({ batches }) => batches)
  const [ourSummary, otherSummary] = [party(ours), party(other)]
  return {
    rows: kind,
    ours: ourSummary,
    rival: otherSummary,
    ratio: ourSummary.eventsPerSecond / otherSummary.eventsPerSecond,
    batches: { count: sizes.length / ours.length, p50: percentile(sizes, 0.5), largest: Math.max(...sizes) },
    differ: [...ours, ...other].reduce((sum, { differ }) => sum + differ, 0),
  }
}

function print(results: readonly ReturnType<typeof summarise>[]): void {
  const lines = [
    ['rows', 'consumer', 'events/s', 'slowest', 'fastest', 'client', 'postgres', 'broker', 'ratio'],
    ...results.flatMap(({ rows, ours, rival: other, ratio }) =>
      (
        [
          ['ours', ours, ratio.toFixed(1)],
          [rival, other, '1'],
        ] as const
      ).map(([name, party, times]) => [
        rows,
        name,
        ...[party.eventsPerSecond, party.slowest, party.fastest].map((rate) => rate.toFixed(0)),
        ...Object.values(party.cpuSecondsPerMillion).map((seconds) => seconds.toFixed(1)),
        times,
      ]),
    ),
  ]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  const text = lines.map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')).join('\n')
  const batches = results
    .map(
      ({ rows, batches: { count, p50, largest } }) =>
        `${rows}: ${count.toFixed(0)} of ${p50} (median) to ${largest} records`,
    )
    .join('; ')
  const differ = results.reduce((sum, result) => sum + result.differ, 0)
  process.stdout.write(
    `${events} events, ${rival} ${rivalEvents}; medians of ${options.repeats} alternated repeats; client, postgres and broker in CPU seconds a million events\n` +
      `${text}\nbatches of ours: ${batches}\nrows that differ: ${differ}; load average ${loadavg()[0]?.toFixed(1)}\n`,
  )
}
