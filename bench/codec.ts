// What the codec costs beside @kafkajs/confluent-schema-registry's encode and decode, in one run: `node --import tsx bench/codec.ts`.
// Ratios are firm, absolute rates depend on the machine. Variants alternate, and the median of five samples counts.
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { startRegistry } from '../embedded/registry/start-registry.ts'
import { defineEvent } from '../src/definition/define-event.ts'
import { defineTopic } from '../src/definition/define-topic.ts'
import { EventCodec } from '../src/schema/event-codec.ts'
import { createRegistryClient } from '../src/schema/registry-client.ts'
import { SchemaDecoder } from '../src/schema/schema-decoder.ts'

const fields = [
  { name: 'id', type: 'string' },
  { name: 'owner', type: 'string' },
  { name: 'status', type: { type: 'enum', name: 'Status', symbols: ['NEW', 'DONE'] } },
  { name: 'amount', type: 'double' },
  { name: 'count', type: 'int' },
  { name: 'at', type: 'long', 'millrace.type': 'number' },
  { name: 'flag', type: 'boolean' },
  { name: 'note', type: ['null', 'string'] },
  { name: 'tags', type: { type: 'array', items: 'string' } },
  { name: 'place', type: 'string' },
]
const old = { type: 'record', name: 'Bench', namespace: 'bench', fields }
const newer = { ...old, fields: [...fields, { name: 'more', type: 'int', default: 7 }] }
const data = {
  id: '6f2bd9c4-a5c8-4f5e-9a1f-0f3a7f0c2e11',
  owner: 'owner-17',
  status: 'NEW',
  amount: 12.5,
  count: 3,
  at: 1_700_000_000_000,
  flag: true,
  note: 'as soon as possible',
  tags: ['a', 'b'],
  place: 'Zürich',
}

const registry = await startRegistry()
const client = createRegistryClient({ url: registry.url })
const id = await client.registerSchema('bench', old)
const library = new SchemaRegistry({ host: registry.url })
const Old = defineEvent<'Bench', typeof data>('Bench', 'bench.Bench', old)
const Newer = defineEvent<'Bench', typeof data>('Bench', 'bench.Bench', newer)
const sameTopic = defineTopic({ name: 'same', key: 'id', events: [Old] })
const newerTopic = defineTopic({ name: 'newer', key: 'id', events: [Newer] })
const codec = new EventCodec()
const decoder = new SchemaDecoder({ registry: client, now: Date.now })
const bytes = codec.encode(Old, id, data)
await decoder.prepare([bytes])

interface Variant {
  readonly times: number
  readonly run: (times: number) => Promise<void> | void
}

/** The library's calls are awaited one by one, as its users do. */
const variants: Readonly<Record<string, Variant>> = {
  'encode, library': { times: 50_000, run: (times) => repeatAwaited(times, () => library.encode(id, data)) },
  'encode, millrace': { times: 200_000, run: (times) => repeat(times, () => codec.encode(Old, id, data)) },
  'decode, library': { times: 100_000, run: (times) => repeatAwaited(times, () => library.decode(bytes)) },
  'decode, millrace': { times: 200_000, run: (times) => repeat(times, () => decoder.decode(sameTopic, bytes)) },
  'decode as a newer schema, library': {
    times: 500,
    run: (times) => repeatAwaited(times, () => library.decode(bytes, { AVRO: { readerSchema: newer as never } })),
  },
  'decode as a newer schema, millrace': {
    times: 200_000,
    run: (times) => repeat(times, () => decoder.decode(newerTopic, bytes)),
  },
}

function repeat(times: number, run: () => unknown): void {
  for (let index = 0; index < times; index += 1) run()
}

async function repeatAwaited(times: number, run: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < times; index += 1) await run()
}

const samples = new Map<string, number[]>(Object.keys(variants).map((name) => [name, []]))
for (let round = 0; round < 6; round += 1) {
  for (const [name, { times, run }] of Object.entries(variants)) {
    const start = process.cpuUsage()
    await run(times)
    const { user, system } = process.cpuUsage(start)
    // The first round warms up.
    if (round > 0) samples.get(name)?.push(times / ((user + system) / 1e6))
  }
}
const median = (name: string): number => (samples.get(name) ?? []).sort((a, b) => a - b)[2] ?? 0
const rate = (value: number): string => `${(value / 1000).toFixed(1)} k/s`
process.stdout.write(`a record of 10 fields, ${bytes.length} bytes; events per second of CPU\n`)
for (const what of ['encode', 'decode', 'decode as a newer schema']) {
  const [theirs, ours] = [median(`${what}, library`), median(`${what}, millrace`)]
  process.stdout.write(
    `${what}: library ${rate(theirs)}, millrace ${rate(ours)}, ${(ours / theirs).toFixed(1)} times\n`,
  )
}
await registry.stop()
