// `millrace replay`: a range of records again, to a worker or a processor.
import { createRecordDecoder } from '../../consumer/create-record-decoder.ts'
import { systemClock } from '../../consumer/system-clock.ts'
import { consumersOf } from '../../definition/consumers-of.ts'
import type { Consumer } from '../../definition/definitions.ts'
import type { Position } from '../../kafka/record.ts'
import { createLogger } from '../../observability/create-logger.ts'
import { createEmitter } from '../../producer/create-emitter.ts'
import { lazySchemaIds } from '../../producer/lazy-schema-ids.ts'
import { planReplay, type ReplayRange } from '../../replay/plan-replay.ts'
import type { ReplayCounts } from '../../replay/replay-partition.ts'
import { readReplayPoint } from '../../replay/replay-point.ts'
import { runReplay } from '../../replay/run-replay.ts'
import { EventCodec } from '../../schema/event-codec.ts'
import { registerTopicSchemas } from '../../schema/register-topic-schemas.ts'
import { SchemaDecoder } from '../../schema/schema-decoder.ts'
import { type Command, exitCodes, type Invocation } from '../command.ts'
import type { Connections } from '../connect-project.ts'
import { jsonText } from '../json-text.ts'
import type { Project } from '../open-project.ts'
import { progressBar } from '../progress-bar.ts'
import { readActor } from '../read-actor.ts'
import { readTextOption } from '../read-text-option.ts'
import { readWholeNumber } from '../read-whole-number.ts'
import { strategyOf } from '../roles/strategy-of.ts'
import { usageError } from '../usage-error.ts'
import { withProject } from '../with-project.ts'

/** Failures that are printed for people; --json has all. */
const SHOWN = 20

export const replay: Command = {
  name: 'replay',
  arguments: '<consumer>',
  summary: 'Delivers a range of records again to a worker or a processor, beside the live one.',
  description:
    'What they send has the same ids as before, so consumers drop it where it lies within the last 100,000 offsets of its partition.\nThe live consumer, its checkpoint and its parked events stay as they are. Exit code 1 when events failed.',
  options: {
    from: { type: 'string', value: '<offset|time>', description: 'First offset, a time, an age such as 2h.' },
    to: { type: 'string', value: '<offset|time>', description: 'The end, not included; now for all until now.' },
    topic: { type: 'string', value: '<topic>', description: 'Only one topic of the consumer.' },
    partition: { type: 'string', value: '<partition>', description: 'Only one partition.' },
    'run-effects': { type: 'boolean', description: 'Lets a worker do its effects again; without it, it is refused.' },
    'dry-run': { type: 'boolean', description: 'Says what would run, and runs nothing.' },
  },
  run: (invocation) =>
    withProject(invocation, async (project, connections) => {
      const consumer = findConsumer(project, invocation.positionals)
      const ranges = await readRanges(consumer, connections, invocation)
      const isRefused = consumer.kind === 'worker' && invocation.options['run-effects'] !== true
      const isDry = isRefused || invocation.options['dry-run'] === true
      const counts = await deliver(consumer, ranges, isDry, project, connections, invocation)
      if (!isDry) await audit(consumer, ranges, counts, connections, invocation)
      report(consumer, ranges, counts, isDry, invocation)
      if (isRefused && invocation.options['dry-run'] !== true)
        throw usageError(
          `${consumer.name} is a worker: its effects on the outside would happen again. Nothing was run; --run-effects runs them`,
        )
      if (invocation.signal.aborted) invocation.note('stopped before the end')
      return counts.failures.length > 0 || invocation.signal.aborted ? exitCodes.failed : exitCodes.done
    }),
}

function findConsumer({ definitions }: Project, [name, ...rest]: readonly string[]): Consumer {
  const consumers = consumersOf(definitions)
  const found = consumers.find((consumer) => consumer.name === name)
  if (found === undefined || rest.length > 0) {
    const what = name === undefined ? 'name a consumer' : `there is no consumer '${[name, ...rest].join(' ')}'`
    throw usageError(`${what}; the project defines ${consumers.map((consumer) => consumer.name).join(', ') || 'none'}`)
  }
  if (found.kind === 'projection') {
    throw usageError(
      `${found.name} is a projection: a range applied twice makes wrong rows. \`millrace rebuild ${found.name}\` makes them anew`,
    )
  }
  return found
}

async function readRanges(
  consumer: Consumer,
  { kafka, database }: Connections,
  invocation: Invocation,
): Promise<readonly ReplayRange[]> {
  const point = (option: string): ReturnType<typeof readReplayPoint> => {
    const text = readTextOption(invocation, option)
    if (text === null) throw usageError(`--${option} is missing: give an offset or a time`)
    return readReplayPoint(text, `--${option}`, Date.now())
  }
  const request = { from: point('from'), to: point('to') }
  const named = readTextOption(invocation, 'topic')
  const topics = consumer.from.map(({ name }) => name).filter((name) => named === null || name === named)
  if (topics.length === 0)
    throw usageError(
      `${consumer.name} does not read ${named}; it reads ${consumer.from.map(({ name }) => name).join(', ')}`,
    )
  const partition = readTextOption(invocation, 'partition')
  const checkpoints = await database.query<Position>(
    'SELECT topic, partition, next_offset AS "offset" FROM millrace.checkpoint WHERE consumer = $1',
    idOf(consumer),
  )
  const number = partition === null ? null : Number(readWholeNumber(partition, '--partition'))
  return planReplay({ ...request, topics, partition: number }, kafka.admin, checkpoints)
}

async function deliver(
  consumer: Consumer,
  ranges: readonly ReplayRange[],
  isDry: boolean,
  project: Project,
  connections: Connections,
  { signal, interactive, note, json }: Invocation,
): Promise<ReplayCounts> {
  const { kafka, registry, database } = connections
  const { app } = project.settings
  const logger = createLogger({
    level: 'error',
    format: 'pretty',
    destination: { write: (line) => note(line.trimEnd()) },
  })
  const codec = new EventCodec()
  const schemaIds = await registerTopicSchemas(registry, project.definitions.topics)
  const emitter = createEmitter({
    connect: () => kafka.createProducer(),
    codec,
    schemaId: lazySchemaIds(registry),
    app,
    onEmitted: () => undefined,
  })
  const bar = progressBar(consumer.name, { write: (text) => process.stderr.write(text), interactive }, Date.now)
  const total = Number(ranges.reduce((sum, { from, to }) => sum + (to - from), 0n))
  let passed = 0
  try {
    return await runReplay({
      database,
      strategy: strategyOf(
        consumer,
        { emitter, codec, schemaIds, clock: systemClock },
        { project, connections, logger },
      ),
      decoder: createRecordDecoder(new SchemaDecoder({ registry, now: Date.now }), consumer.from),
      clock: systemClock,
      signal,
      isDry,
      consumer: idOf(consumer),
      topics: consumer.from,
      ranges,
      reader: kafka.reader,
      onPassed: (offsets) => {
        passed += offsets
        if (!json) bar.update(passed, total)
      },
    })
  } finally {
    if (!json && total > 0) bar.end()
    await emitter.close()
  }
}

async function audit(
  consumer: Consumer,
  ranges: readonly ReplayRange[],
  { ran, failures }: ReplayCounts,
  { database }: Connections,
  { env }: Invocation,
): Promise<void> {
  await database.execute(
    `INSERT INTO millrace.audit (actor, action, subject) VALUES ($1, 'replay', $2::jsonb)`,
    readActor(env),
    jsonText({ consumer: idOf(consumer), ranges, ran, failed: failures.length }),
  )
}

function report(
  consumer: Consumer,
  ranges: readonly ReplayRange[],
  counts: ReplayCounts,
  isDry: boolean,
  { json, print }: Invocation,
): void {
  const { ran, filtered, leftOut, failures } = counts
  if (json) {
    print(jsonText({ consumer: consumer.name, dryRun: isDry, ranges, ran, filtered, leftOut, failures }))
    return
  }
  const notRun = `${filtered} ignored, ${leftOut} left out because they are parked`
  print(
    `${consumer.name}: ${ran} events ${isDry ? 'would run' : 'ran'} again from ${ranges.length} partitions; ${notRun}, ${failures.length} failed`,
  )
  for (const { topic, partition, offset, eventType, reason, detail } of failures.slice(0, SHOWN))
    print(`  ${topic}[${partition}]@${offset} ${eventType ?? ''}: ${reason}, ${detail}`)
  if (failures.length > SHOWN) print(`  and ${failures.length - SHOWN} more; --json lists all`)
}

function idOf({ name, version }: Consumer): string {
  return `${name}.v${version}`
}
