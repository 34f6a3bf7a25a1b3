// `millrace emit`: an event from the command line, through the same emitter as everywhere else. Done means that every in-sync
// replica has it.
import { messageOf } from '../../errors/message-of.ts'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { NewEvent } from '../../definition/event-type.ts'
import type { Emission } from '../../definition/send.ts'
import { createEmitter } from '../../producer/create-emitter.ts'
import { type CatalogEntry, eventCatalog } from '../../producer/event-catalog.ts'
import { lazySchemaIds } from '../../producer/lazy-schema-ids.ts'
import { EventCodec } from '../../schema/event-codec.ts'
import { type Command, exitCodes, type Invocation } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { readTextOption } from '../read-text-option.ts'
import { usageError } from '../usage-error.ts'
import { withProject } from '../with-project.ts'

export const emit: Command = {
  name: 'emit',
  arguments: '<event type>',
  summary: 'Writes an event, or several, to its topic, checked against its schema.',
  description:
    'The data is JSON: 64-bit numbers may be strings, timestamps ISO 8601, bytes base64. A JSON array is several events, written\ntogether in its order. The record key is the field that the topic is keyed by.',
  options: {
    data: { type: 'string', value: '<json|@file|->', description: 'The data: JSON, a file, or - for standard input.' },
    topic: { type: 'string', value: '<topic>', description: 'The topic, where several carry the event.' },
    id: { type: 'string', value: '<id>', description: 'Identity of the event (default: a new UUID).' },
    time: { type: 'string', value: '<time>', description: 'When it happened, ISO 8601 (default: now).' },
    'correlation-id': { type: 'string', value: '<id>', description: 'Ties a chain of events together.' },
  },
  run: (invocation) =>
    withProject(invocation, async ({ settings, definitions }, { kafka, registry }) => {
      const [type, ...rest] = invocation.positionals
      if (type === undefined || rest.length > 0)
        throw usageError('name one event type: millrace emit <event type> --data …')
      const entry = eventCatalog(definitions.topics).find(type, readTextOption(invocation, 'topic'))
      if ('detail' in entry) throw usageError(entry.detail)
      const codec = new EventCodec()
      const emissions = readEmissions(await readJson(invocation), entry, codec, invocation)
      const emitter = createEmitter({
        connect: () => kafka.createProducer(),
        codec,
        schemaId: lazySchemaIds(registry),
        app: settings.app,
      })
      try {
        const emitted = await emitter.send(emissions, { source: `/${settings.app}/cli` })
        if (invocation.json) invocation.print(jsonText(emitted))
        else
          for (const { id, topic, partition, offset } of emitted)
            invocation.print(`${type} ${id} is at ${topic} ${partition} ${offset}`)
        return exitCodes.done
      } finally {
        await emitter.close()
      }
    }),
}

async function readJson(invocation: Invocation): Promise<unknown> {
  const given = readTextOption(invocation, 'data')
  if (given === null) throw usageError("give the data: --data '{…}', --data @file.json, or --data - for standard input")
  const text = await readText(given, invocation)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw usageError(`the data is not JSON: ${messageOf(error)}`)
  }
}

async function readText(given: string, { directory, readInput }: Invocation): Promise<string> {
  if (given === '-') return readInput()
  if (!given.startsWith('@')) return given
  return readFile(resolve(directory, given.slice(1)), 'utf8').catch((error: Error) => {
    throw usageError(`--data ${given}: ${error.message}`)
  })
}

function readEmissions(
  json: unknown,
  { topic, eventType }: CatalogEntry,
  codec: EventCodec,
  invocation: Invocation,
): readonly Emission[] {
  const id = readTextOption(invocation, 'id')
  const time = readTime(readTextOption(invocation, 'time'))
  const correlationId = readTextOption(invocation, 'correlation-id')
  const items: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (items.length > 1 && id !== null) throw usageError('--id names one event; the data is several')
  const problems: string[] = []
  const emissions = items.map((item, index): Emission => {
    const read = codec.fromJson(eventType, item)
    const where = items.length > 1 ? `[${index}] ` : ''
    problems.push(
      ...read.problems.map(
        ({ path, expected, received }) => `${where}${path}: expected ${expected}, received ${received}`,
      ),
    )
    const event: NewEvent = {
      type: eventType.eventName,
      data: read.data,
      ...(id === null ? {} : { id }),
      ...(time === null ? {} : { time }),
      ...(correlationId === null ? {} : { correlationId }),
    }
    return { topic, event, key: null }
  })
  if (problems.length === 0) return emissions
  throw usageError(`the data is no ${eventType.eventName}; nothing was written:\n- ${problems.join('\n- ')}`)
}

function readTime(text: string | null): Date | null {
  if (text === null) return null
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw usageError(`--time: expected ISO 8601, received '${text}'`)
  return time
}
