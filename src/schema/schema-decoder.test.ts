import { describe, expect, it } from 'vitest'
import { defineEvent } from '../definition/define-event.ts'
import { defineTopic } from '../definition/define-topic.ts'
import type { AvroSchema } from '../definition/event-type.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { EventCodec } from './event-codec.ts'
import { SchemaDecoder } from './schema-decoder.ts'

const record = (name: string, ...fields: readonly unknown[]): AvroSchema => ({
  type: 'record',
  name,
  namespace: 'a.b',
  fields,
})
const id = { name: 'id', type: 'string' }
const Made = defineEvent<'Made', { id: string; size: bigint; tag: string | null }>(
  'Made',
  'a.b.Made',
  record('Made', id, { name: 'size', type: 'long' }, { name: 'tag', type: ['null', 'string'], default: null }),
)
const topic = defineTopic({ name: 'things', key: 'id', events: [Made] })
const codec = new EventCodec()

/** A registry of given schemas that counts what it is asked. */
function registryOf(schemas: Record<number, AvroSchema | Error>): {
  asked: number[]
  fetchSchema: (id: number) => Promise<AvroSchema | null>
} {
  const asked: number[] = []
  return {
    asked,
    fetchSchema: (schemaId) => {
      asked.push(schemaId)
      const found = schemas[schemaId]
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found ?? null)
    },
  }
}

function write(schema: AvroSchema, schemaId: number, data: unknown): Buffer {
  return codec.encode(defineEvent<string, unknown>('W', 'W', schema), schemaId, data)
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof MillraceError) return `${error.code} ${String(error.context['reason'])}`
    throw error
  }
  return 'no error'
}

describe('the decoder of a topic', () => {
  it('reads old and new writers through the reader at hand, and asks for each schema once', async () => {
    const old = record(
      'Made',
      id,
      { name: 'size', type: 'int' },
      { name: 'gone', type: { type: 'array', items: 'string' } },
    )
    const registry = registryOf({ 1: old, 2: Made.schema })
    const decoder = new SchemaDecoder({ registry, now: () => 0 })
    const values = [
      write(old, 1, { id: 'x', size: 3, gone: ['a', 'b'] }),
      write(Made.schema, 2, { id: 'y', size: 4n, tag: 't' }),
    ]
    await decoder.prepare([...values, null, Buffer.from('{}')])
    await decoder.prepare(values)
    expect(registry.asked).toStrictEqual([1, 2])
    expect(values.map((value) => decoder.decode(topic, value))).toStrictEqual([
      { eventType: Made, data: { id: 'x', size: 3n, tag: null } },
      { eventType: Made, data: { id: 'y', size: 4n, tag: 't' } },
    ])
  })

  it('refuses what can never be decoded with a reason, and never with another error', async () => {
    const other = record('Other', id)
    const unreadable = record('Made', { name: 'size', type: 'long' })
    const registry = registryOf({ 1: Made.schema, 2: other, 3: unreadable, 4: { type: 'nonsense' }, 5: 'string' })
    const decoder = new SchemaDecoder({ registry, now: () => 0 })
    const good = write(Made.schema, 1, { id: 'x', size: 1n, tag: null })
    const withId = (schemaId: number): Buffer => {
      const copy = Buffer.from(good)
      copy.writeUInt32BE(schemaId, 1)
      return copy
    }
    const values = [1, 2, 3, 4, 5, 9].map(withId)
    await decoder.prepare(values)
    const reason = (value: Buffer): string => codeOf(() => decoder.decode(topic, value))
    expect(reason(Buffer.alloc(0))).toMatch(/^MILLRACE_UNDECODABLE it does not begin/)
    expect(reason(Buffer.from([0, 0, 0]))).toMatch(/does not begin/)
    expect(reason(Buffer.from('{"id":"x"}'))).toMatch(/does not begin/)
    expect(reason(withId(2))).toBe('MILLRACE_UNDECODABLE a.b.Other is not an event of the topic')
    expect(reason(withId(3))).toMatch(/Made.id is missing in what was written and has no default/)
    expect(reason(withId(4))).toMatch(/schema 4 is of no use/)
    expect(reason(withId(5))).toBe('MILLRACE_UNDECODABLE string is not an event of the topic')
    expect(reason(withId(9))).toBe('MILLRACE_UNDECODABLE the registry has no schema 9')
    expect(reason(good.subarray(0, 6))).toMatch(/ends in the middle/)
    expect(reason(Buffer.concat([good, Buffer.from([0])]))).toMatch(/1 bytes are left over/)
    expect(codeOf(() => decoder.decode(topic, good))).toBe('no error')
  })

  it('asks again for an unknown schema when some time has passed', async () => {
    const schemas: Record<number, AvroSchema> = {}
    const registry = registryOf(schemas)
    let now = 0
    const decoder = new SchemaDecoder({ registry, now: () => now, unknownForMs: 1_000 })
    const value = write(Made.schema, 7, { id: 'x', size: 1n, tag: null })
    await decoder.prepare([value])
    schemas[7] = Made.schema
    now = 999
    await decoder.prepare([value])
    expect(registry.asked).toStrictEqual([7])
    expect(codeOf(() => decoder.decode(topic, value))).toMatch(/no schema 7/)
    now = 1_001
    await decoder.prepare([value])
    expect(decoder.decode(topic, value).eventType).toBe(Made)
  })

  it('passes an outage on as retriable and keeps nothing of it', async () => {
    const outage = new MillraceError('MILLRACE_REGISTRY_UNAVAILABLE', 'down', { retriable: true })
    const registry = registryOf({ 1: outage })
    const decoder = new SchemaDecoder({ registry, now: () => 0 })
    const value = write(Made.schema, 1, { id: 'x', size: 1n, tag: null })
    await expect(decoder.prepare([value])).rejects.toBe(outage)
    await expect(decoder.prepare([value])).rejects.toBe(outage)
    expect(() => decoder.decode(topic, value)).toThrow(expect.objectContaining({ retriable: true }))
  })
})
