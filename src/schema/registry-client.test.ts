import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startRegistry } from '../../embedded/registry/start-registry.ts'
import { defineEvent } from '../definition/define-event.ts'
import { defineTopic } from '../definition/define-topic.ts'
import type { AvroSchema } from '../definition/event-type.ts'
import { createRegistryClient } from './registry-client.ts'
import { registerTopicSchemas } from './register-topic-schemas.ts'

const releases: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release()
})

async function embedded(): Promise<string> {
  const registry = await startRegistry({ port: 0 })
  releases.push(() => registry.stop())
  return registry.url
}

/** A server that answers as told, in place of a registry. */
async function answering(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  releases.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const made: AvroSchema = {
  type: 'record',
  name: 'Made',
  namespace: 'a.b',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'size', type: 'long', 'millrace.type': 'number' },
  ],
}
const withField = (field: object): AvroSchema => ({
  ...(made as object),
  fields: [...(made as { fields: object[] }).fields, field],
})

describe('the registry client', () => {
  it('registers once under a subject, and gives back logical types and own properties', async () => {
    const url = await embedded()
    const client = createRegistryClient({ url })
    const id = await client.registerSchema('t-a.b.Made', made)
    expect(await client.registerSchema('t-a.b.Made', made)).toBe(id)
    for (const reader of [client, client, createRegistryClient({ url })]) {
      expect(await reader.fetchSchema(id)).toStrictEqual(made)
    }
  })

  it('knows an unknown id from an outage', async () => {
    const client = createRegistryClient({ url: await embedded() })
    expect(await client.fetchSchema(4_711)).toBeNull()
    const proxy = createRegistryClient({
      url: await answering((_request, response) => response.writeHead(404).end('<html>')),
    })
    await expect(proxy.fetchSchema(1)).rejects.toMatchObject({ code: 'MILLRACE_REGISTRY_UNAVAILABLE', retriable: true })
  })

  it.each([500, 502, 503, 401, 429])('takes status %i for an outage', async (status) => {
    const url = await answering((_request, response) =>
      response.writeHead(status).end('{"error_code":50001,"message":"no"}'),
    )
    await expect(createRegistryClient({ url }).fetchSchema(1)).rejects.toMatchObject({ retriable: true })
  })

  it.each(['', 'null', '{}', '<html>', '{"schema":5}'])('does not take the body %j for a schema', async (body) => {
    const url = await answering((_request, response) => response.end(body))
    await expect(createRegistryClient({ url }).fetchSchema(1)).rejects.toThrow(/^(The schema registry at|Schema 1 of)/)
  })

  it('takes a refused connection for an outage', async () => {
    const client = createRegistryClient({ url: 'http://127.0.0.1:1' })
    await expect(client.fetchSchema(1)).rejects.toMatchObject({
      code: 'MILLRACE_REGISTRY_UNAVAILABLE',
      retriable: true,
    })
    await expect(client.registerSchema('s', made)).rejects.toMatchObject({ code: 'MILLRACE_REGISTRY_UNAVAILABLE' })
  })

  it('ends a call that nobody answers', async () => {
    const url = await answering(() => undefined)
    const start = performance.now()
    await expect(createRegistryClient({ url, timeoutMs: 100 }).fetchSchema(1)).rejects.toMatchObject({
      retriable: true,
    })
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('says which subject refused a schema, and that no retry helps', async () => {
    const client = createRegistryClient({ url: await embedded() })
    await client.registerSchema('t-a.b.Made', made)
    const refused = client.registerSchema('t-a.b.Made', withField({ name: 'must', type: 'int' }))
    await expect(refused).rejects.toMatchObject({ code: 'MILLRACE_SCHEMA_REFUSED', retriable: false })
    await expect(refused).rejects.toThrow('t-a.b.Made')
  })

  it('keeps to the level that a subject has, and sets none', async () => {
    const url = await embedded()
    const client = createRegistryClient({ url })
    await client.registerSchema('t-a.b.Made', made)
    expect((await fetch(`${url}/config/t-a.b.Made`)).status).toBe(404)
    await fetch(`${url}/config/t-a.b.Made`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ compatibility: 'FULL_TRANSITIVE' }),
    })
    const more = withField({ name: 'note', type: ['null', 'string'], default: null })
    expect(await client.registerSchema('t-a.b.Made', more)).toBeGreaterThan(0)
    expect(await (await fetch(`${url}/config/t-a.b.Made`)).json()).toMatchObject({
      compatibilityLevel: 'FULL_TRANSITIVE',
    })
  })

  it('makes a schema with references self-contained', async () => {
    const url = await embedded()
    const client = createRegistryClient({ url })
    await client.registerSchema('part', { type: 'record', name: 'a.Part', fields: [{ name: 'n', type: 'int' }] })
    const whole = { type: 'record', name: 'a.Whole', fields: [{ name: 'part', type: 'Part' }] }
    const answer = await fetch(`${url}/subjects/whole/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        schema: JSON.stringify(whole),
        references: [{ name: 'a.Part', subject: 'part', version: 1 }],
      }),
    })
    const { id } = (await answer.json()) as { id: number }
    expect(await client.fetchSchema(id)).toMatchObject({
      name: 'Whole',
      fields: [{ name: 'part', type: { type: 'record', name: 'Part', namespace: 'a' } }],
    })
  })

  it('registers every event type of every topic', async () => {
    const client = createRegistryClient({ url: await embedded() })
    const Made = defineEvent<'Made', { id: string }>('Made', 'a.b.Made', made)
    const one = defineTopic({ name: 'one', key: 'id', events: [Made] })
    const other = defineTopic({ name: 'other', key: 'id', events: [Made] })
    const ids = await registerTopicSchemas(client, [one, other])
    expect(ids.of(one, Made)).toBeGreaterThan(0)
    expect(ids.of(other, Made)).toBe(ids.of(one, Made))
    expect(ids.of({ ...one, name: 'third' }, Made)).toBeUndefined()
  })
})
