// `millrace rebuild`: a projection made anew beside the live one, then swapped in; and the ways back.
import { hostname } from 'node:os'
import { holdOrderOf } from '../../replay/hold-order.ts'
import { readLiveVersion } from '../../replay/live-version.ts'
import { refuseLostBeginning } from '../../replay/log-beginning.ts'
import { PostgresRebuilds } from '../../replay/postgres-rebuilds.ts'
import { dropPrevious, rollBackRebuild } from '../../replay/roll-back-rebuild.ts'
import { shadowGroup, startShadow } from '../../replay/start-shadow.ts'
import { swapRebuild } from '../../replay/swap-rebuild.ts'
import { tablesOf, type TableName } from '../../replay/table-name.ts'
import { refuseUnswappable } from '../../replay/refuse-unswappable.ts'
import { createRecordDecoder } from '../../consumer/create-record-decoder.ts'
import { deleteConsumer } from '../../replay/rename-consumer.ts'
import { shadowConsumer } from '../../replay/replay-names.ts'
import { systemClock } from '../../consumer/system-clock.ts'
import type { Projection } from '../../definition/define-projection.ts'
import { createLogger } from '../../observability/create-logger.ts'
import { createMetrics } from '../../observability/create-metrics.ts'
import { SchemaDecoder } from '../../schema/schema-decoder.ts'
import { type Command, exitCodes, type Invocation } from '../command.ts'
import type { Connections } from '../connect-project.ts'
import { jsonText } from '../json-text.ts'
import type { Project } from '../open-project.ts'
import { progressBar } from '../progress-bar.ts'
import { readActor } from '../read-actor.ts'
import { usageError } from '../usage-error.ts'
import { withProject } from '../with-project.ts'

/** What a call is about: the projection and everything around it. */
interface Call {
  readonly invocation: Invocation
  readonly project: Project
  readonly connections: Connections
  readonly projection: Projection
  readonly tables: readonly TableName[]
  readonly rebuilds: PostgresRebuilds
}

const verbs = ['resume', 'swap', 'abandon', 'rollback', 'drop-previous'] as const
type Verb = (typeof verbs)[number] | 'begin'

export const rebuild: Command = {
  name: 'rebuild',
  arguments: '<projection>',
  summary: 'Makes a projection anew from the beginning of its topics while the live one serves, then swaps it in.',
  description:
    'Ctrl-C pauses (exit code 1), --resume goes on. The swap is one transaction; --rollback takes it back. A raised version of a\nprojection becomes the live one by its rebuild; until then its consumers idle.',
  options: {
    resume: { type: 'boolean', description: 'Goes on with a rebuild that was paused or killed.' },
    'no-swap': { type: 'boolean', description: 'Stops when it has caught up; --swap does the rest.' },
    swap: { type: 'boolean', description: 'Lets a rebuild catch up and swaps it in.' },
    abandon: { type: 'boolean', description: 'Drops a rebuild with its shadow tables.' },
    rollback: { type: 'boolean', description: 'Exchanges the live tables for those before the last swap.' },
    'drop-previous': { type: 'boolean', description: 'Drops the tables that the last swap put aside.' },
    'accept-loss': { type: 'boolean', description: 'Rebuilds from what there is where the log lost its beginning.' },
    'dry-run': { type: 'boolean', description: 'Says what would be done, and does nothing.' },
  },
  run: (invocation) =>
    withProject(invocation, async (project, connections) => {
      const projection = findProjection(project, invocation.positionals)
      const verb = readVerb(invocation)
      const tables = tablesOf(projection, project.models)
      await readLiveVersion(connections.database, projection.name, projection.version)
      const rebuilds = new PostgresRebuilds(connections.database, projection.name)
      const call = { invocation, project, connections, projection, tables, rebuilds }
      if (invocation.options['dry-run'] === true) return preview(verb, call)
      switch (verb) {
        case 'abandon':
          await rebuilds.abandon(tables)
          return told(
            call,
            { state: 'abandoned' },
            `the rebuild of ${projection.name} was dropped; nothing live changed`,
          )
        case 'drop-previous':
          await dropPrevious(connections.database, projection.name, readActor(invocation.env))
          return told(call, { state: 'dropped' }, `the earlier tables of ${projection.name} were dropped`)
        case 'rollback':
          return rollBack(call)
        default:
          return runRebuild(verb, call)
      }
    }),
}

function findProjection({ definitions }: Project, [name, ...rest]: readonly string[]): Projection {
  const found = definitions.projections.find((projection) => projection.name === name)
  if (found !== undefined && rest.length === 0) return found
  const known = definitions.projections.map((projection) => projection.name).join(', ') || 'none'
  const what = name === undefined ? 'name a projection' : `there is no projection '${[name, ...rest].join(' ')}'`
  throw usageError(`${what}; the project defines ${known}`)
}

function readVerb({ options }: Invocation): Verb {
  const asked = verbs.filter((verb) => options[verb] === true)
  if (asked.length > 1) throw usageError(`--${asked.join(' and --')} do not go together; give one of them`)
  if (asked[0] === 'swap' && options['no-swap'] === true) throw usageError('--swap and --no-swap contradict each other')
  return asked[0] ?? 'begin'
}

async function preview(verb: Verb, call: Call): Promise<number> {
  const { projection, tables, connections, rebuilds } = call
  const live = await readLiveVersion(connections.database, projection.name, projection.version)
  const row = await rebuilds.find()
  const names = tables.map(({ schema, table }) => `${schema}.${table}`)
  if (verb === 'begin') {
    await refuseUnswappable(connections.database, tables)
    await refuseLostBeginning(connections.kafka.admin, projection.name, projection.from)
  }
  return told(
    call,
    {
      dryRun: true,
      verb,
      version: projection.version,
      live: live.version,
      previous: live.previousVersion,
      rebuild: row?.state ?? null,
      tables: names,
    },
    [
      `${verb} of ${projection.name} v${projection.version}; nothing was done`,
      `live: v${live.version}; put aside: ${live.previousVersion === null ? 'nothing' : `v${live.previousVersion}`}; rebuild: ${row?.state ?? 'none'}`,
      `tables: ${names.join(', ')}`,
    ].join('\n'),
  )
}

async function rollBack(call: Call): Promise<number> {
  const { invocation, projection, connections } = call
  const { database } = connections
  const { version, heldMs, closedMs, tries } = await rollBackRebuild({
    database,
    clock: systemClock,
    signal: invocation.signal,
    projection: projection.name,
    actor: readActor(invocation.env),
    order: await holdOrderOf(database, projection),
  })
  return told(
    call,
    { state: 'rolled-back', version, heldMs: Math.round(heldMs), closedMs: Math.round(closedMs), tries },
    `${projection.name} v${version} is live again after ${Math.round(heldMs)} ms; it goes on from where it was`,
  )
}

async function runRebuild(verb: 'begin' | 'resume' | 'swap', call: Call): Promise<number> {
  const { invocation, project, connections, projection, tables, rebuilds } = call
  const { database, kafka, registry } = connections
  const { json, print, note, interactive, signal } = invocation
  const owner = `${hostname()}:${process.pid}`
  await refuseUnswappable(database, tables)
  if (invocation.options['accept-loss'] !== true)
    await refuseLostBeginning(kafka.admin, projection.name, projection.from)
  if (verb === 'begin') await rebuilds.begin(projection.version, tables, owner)
  else await rebuilds.resume(projection.version, owner)

  const bar = progressBar(projection.name, { write: (text) => process.stderr.write(text), interactive }, Date.now)
  const { app } = project.settings
  const began = performance.now()
  try {
    const shadow = await startShadow({
      projection,
      models: project.models,
      rebuilds,
      owner,
      app,
      kafka,
      database,
      decoder: createRecordDecoder(new SchemaDecoder({ registry, now: Date.now }), projection.from),
      logger: createLogger({
        level: 'error',
        format: 'pretty',
        destination: { write: (line) => note(line.trimEnd()) },
      }),
      metrics: createMetrics({ processMetrics: false }),
      clock: systemClock,
      onProgress: ({ done, total }) => {
        if (json) print(jsonText({ state: 'running', done, total, ms: Math.round(performance.now() - began) }))
        else bar.update(done, total)
      },
    })
    try {
      const isCaughtUp = await shadow.untilCaughtUp(signal)
      if (!json) bar.end()
      if (!isCaughtUp) return paused(call)
      if (invocation.options['no-swap'] === true) {
        return told(call, { state: 'caught-up' }, `${projection.name} has caught up; swap it in with --swap`)
      }
      const { heldMs, closedMs, tries } = await swapRebuild({
        database,
        clock: systemClock,
        signal,
        projection: projection.name,
        version: projection.version,
        tables,
        owner,
        actor: readActor(invocation.env),
        order: await holdOrderOf(database, projection),
      })
      await shadow.stop()
      // Its member asked for partitions once more when the swap fenced it.
      await deleteConsumer(database, shadowConsumer(projection.name, projection.version))
      await kafka.admin.deleteGroup(shadowGroup(app, projection)).catch(() => undefined)
      return told(
        call,
        {
          state: 'swapped',
          version: projection.version,
          swapMs: Math.round(heldMs),
          closedMs: Math.round(closedMs),
          tries,
        },
        `${projection.name} v${projection.version} is live; the swap took ${Math.round(heldMs)} ms, and readers waited ${Math.round(closedMs)} ms at most. --rollback takes it back, --drop-previous drops the earlier tables.`,
      )
    } finally {
      await shadow.stop()
    }
  } finally {
    await rebuilds.release(owner)
  }
}

function paused(call: Call): number {
  const { name } = call.projection
  told(call, { state: 'paused' }, `paused; \`millrace rebuild ${name} --resume\` goes on, --abandon drops it`)
  return exitCodes.failed
}

function told({ invocation }: Call, line: object, text: string): number {
  invocation.print(invocation.json ? jsonText(line) : text)
  return exitCodes.done
}
