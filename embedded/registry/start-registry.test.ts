import { once } from 'node:events'
import { connect } from 'node:net'
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Registry, startRegistry } from './start-registry.ts'

let registry: Registry
beforeAll(async () => {
  registry = await startRegistry()
})
afterAll(async () => registry.stop())

type Answer = [status: number, body: unknown]

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(registry.url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  expect(response.headers.get('content-type')).toBe('application/vnd.schemaregistry.v1+json')
  return [response.status, await response.json()]
}

const get = async (path: string): Promise<Answer> => send('GET', path)
const post = async (path: string, body: unknown): Promise<Answer> => send('POST', path, body)
const put = async (path: string, body: unknown): Promise<Answer> => send('PUT', path, body)
const del = async (path: string): Promise<Answer> => send('DELETE', path)

const field = (name: string, more: object = {}): object => ({ name, type: 'int', ...more })
const record = (name: string, ...fields: object[]): string => JSON.stringify({ type: 'record', name, fields })
const failed = (status: number, code: number): Answer => [
  status,
  { error_code: code, message: expect.any(String) as unknown },
]

async function register(subject: string, schema: string, more: object = {}): Promise<number> {
  const [status, body] = await post(`/subjects/${subject}/versions`, { schema, ...more })
  expect([status, body]).toEqual([200, { id: expect.any(Number) as unknown }])
  return (body as { id: number }).id
}

describe('registering', () => {
  test('gives ids that grow, one id a text in every subject, and versions of their own a subject', async () => {
    const first = await register('ids-a', record('Ids', field('a')))
    const second = await register('ids-a', record('Ids', field('a'), field('b', { default: 0 })))
    expect(second).toBeGreaterThan(first)
    expect(await register('ids-b', record('Ids', field('a'), field('b', { default: 0 })))).toBe(second)
    expect(await register('ids-a', `  ${record('Ids', field('a'))}  `)).toBe(first)
    expect(await get('/subjects/ids-a/versions')).toEqual([200, [1, 2]])
    expect(await get('/subjects/ids-b/versions')).toEqual([200, [1]])
    expect(await get(`/schemas/ids/${second}/subjects`)).toEqual([200, ['ids-a', 'ids-b']])
    expect(await get(`/schemas/ids/${second}/versions`)).toEqual([
      200,
      [
        { subject: 'ids-a', version: 2 },
        { subject: 'ids-b', version: 1 },
      ],
    ])
  })

  test('stores the canonical text, which every way to read gives back', async () => {
    const text = '{"type":"record","name":"Text","doc":"kept","fields":[{"name":"a","type":"int"}]}'
    const schema =
      '{ "doc": "kept", "name": "Text", "type": "record", "fields": [{ "type": {"type":"int"}, "name": "a" }] }'
    const id = await register('text', schema)
    expect(await get(`/schemas/ids/${id}`)).toEqual([200, { schema: text }])
    expect(await get(`/schemas/ids/${id}/schema`)).toEqual([200, JSON.parse(text)])
    const whole = { subject: 'text', version: 1, id, schema: text }
    expect(await get('/subjects/text/versions/1')).toEqual([200, whole])
    expect(await get('/subjects/text/versions/latest')).toEqual([200, whole])
    expect(await get('/subjects/text/versions/-1')).toEqual([200, whole])
    expect(await get('/subjects/text/versions/1/schema')).toEqual([200, JSON.parse(text)])
    expect(await post('/subjects/text', { schema })).toEqual([200, whole])
    expect(await get('/schemas?subjectPrefix=text&latestOnly=true')).toEqual([200, [whole]])
  })

  test('with normalize=true two ways to write the same schema are one', async () => {
    const one = JSON.stringify({ type: 'record', namespace: 'n', name: 'Norm', fields: [field('a')], y: 1, x: 2 })
    const two = JSON.stringify({ type: 'record', name: 'n.Norm', fields: [field('a')], x: 2, y: 1 })
    const [, { id }] = (await post('/subjects/norm/versions?normalize=true', { schema: one })) as [
      number,
      { id: number },
    ]
    expect(await post('/subjects/norm/versions?normalize=true', { schema: two })).toEqual([200, { id }])
    expect(await post('/subjects/norm?normalize=true', { schema: two })).toMatchObject([200, { id, version: 1 }])
    expect(await post('/subjects/norm', { schema: two })).toEqual(failed(404, 40403))
  })

  test('refuses what is no schema, and says where', async () => {
    expect(await post('/subjects/bad/versions', { schema: record('Bad', { name: 'a', type: 'nit' }) })).toEqual([
      422,
      { error_code: 42201, message: expect.stringContaining('/fields/0/type: unknown type "nit"') as unknown },
    ])
    for (const body of [
      {},
      { schema: 5 },
      { schema: '' },
      { schema: '"int"', schemaType: 'JSON' },
      { schema: 'int' },
    ]) {
      expect(await post('/subjects/bad/versions', body)).toEqual(failed(422, 42201))
    }
    expect(await get('/subjects/bad/versions')).toEqual(failed(404, 40401))
  })

  test('refuses an incompatible schema with the finding', async () => {
    await register('strict', record('Strict', field('a')))
    expect(await post('/subjects/strict/versions', { schema: record('Strict', field('a'), field('b')) })).toEqual([
      409,
      {
        error_code: 409,
        message: expect.stringContaining("The field 'b' at path '/fields/1' in the new schema") as unknown,
      },
    ])
  })
})

describe('references', () => {
  test('a schema uses the types of others, is printed with their names, and protects them', async () => {
    await register('ref-inner', record('ref.Inner', field('a')))
    const references = [{ name: 'ref.Inner', subject: 'ref-inner', version: 1 }]
    const schema = record('Outer', { name: 'inner', type: 'ref.Inner' })
    const id = await register('ref-outer', schema, { references })
    const plain = '{"type":"record","name":"Outer","fields":[{"name":"inner","type":"ref.Inner"}]}'
    expect(await get(`/schemas/ids/${id}`)).toEqual([200, { schema: plain, references }])
    expect(await get('/subjects/ref-inner/versions/1/referencedby')).toEqual([200, [id]])
    expect(await del('/subjects/ref-inner/versions/1')).toEqual(failed(422, 42206))
    expect(await del('/subjects/ref-inner')).toEqual(failed(422, 42206))
    expect(await del('/subjects/ref-outer')).toEqual([200, [1]])
    expect(await del('/subjects/ref-inner')).toEqual([200, [1]])
    expect(await del('/subjects/ref-inner?permanent=true')).toEqual(failed(422, 42206))
    expect(await get(`/schemas/ids/${id}`)).toEqual([200, { schema: plain, references }])
  })

  test('an unknown or broken reference is an invalid schema', async () => {
    const schema = record('Outer', { name: 'inner', type: 'ref.Gone' })
    for (const references of [[{ name: 'ref.Gone', subject: 'ref-gone', version: 1 }], [{}], 'x', undefined]) {
      expect(await post('/subjects/ref-x/versions', { schema, references })).toEqual(failed(422, 42201))
    }
  })
})

describe('compatibility', () => {
  test('checks against the latest, all or one version, by the level of the subject', async () => {
    await register('compat', record('C', field('a')))
    await register('compat', record('C', field('a'), field('b', { default: 0 })))
    const needsB = { schema: record('C', field('a'), field('b')) }
    const at = (version: string): string => `/compatibility/subjects/compat/versions${version}`
    expect(await post(at('/latest'), needsB)).toEqual([200, { is_compatible: true }])
    expect(await post(at('/1'), needsB)).toEqual([200, { is_compatible: false }])
    expect(await post(at(''), needsB)).toEqual([200, { is_compatible: true }])
    expect(await put('/config/compat', { compatibility: 'BACKWARD_TRANSITIVE' })).toEqual([
      200,
      { compatibility: 'BACKWARD_TRANSITIVE' },
    ])
    expect(await post(at(''), needsB)).toEqual([200, { is_compatible: false }])
    expect(await post(`${at('')}?verbose=true`, needsB)).toEqual([
      200,
      {
        is_compatible: false,
        messages: [
          "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'b'}",
          '{oldSchemaVersion: 1}',
          `{oldSchema: '${record('C', field('a'))}'}`,
          "{compatibility: 'BACKWARD_TRANSITIVE'}",
        ],
      },
    ])
    expect(await post(`${at('/2')}?verbose=true`, needsB)).toEqual([200, { is_compatible: true, messages: [] }])
    expect(await post(at('/9'), needsB)).toEqual(failed(404, 40402))
    expect(await post(at('/latest'), { schema: '{' })).toEqual(failed(422, 42201))
  })

  test('a subject without versions accepts anything', async () => {
    const schema = '"int"'
    expect(await post('/compatibility/subjects/none/versions/latest', { schema })).toEqual([
      200,
      { is_compatible: true },
    ])
    expect(await post('/compatibility/subjects/none/versions/1', { schema })).toEqual(failed(404, 40402))
  })

  test('levels are per subject with a global default', async () => {
    expect(await get('/config')).toEqual([200, { compatibilityLevel: 'BACKWARD' }])
    expect(await get('/config/levels')).toEqual(failed(404, 40408))
    expect(await get('/config/levels?defaultToGlobal=true')).toEqual([200, { compatibilityLevel: 'BACKWARD' }])
    expect(await put('/config/levels', { compatibility: 'none' })).toEqual([200, { compatibility: 'NONE' }])
    expect(await get('/config/levels')).toEqual([200, { compatibilityLevel: 'NONE' }])
    await register('levels', '"int"')
    await register('levels', '"string"')
    expect(await del('/config/levels')).toEqual([200, { compatibilityLevel: 'NONE' }])
    expect(await del('/config/levels')).toEqual(failed(404, 40408))
    expect(await post('/subjects/levels/versions', { schema: '"null"' })).toEqual(failed(409, 409))
    for (const compatibility of ['LOOSE', 5, 'toString', undefined]) {
      expect(await put('/config/levels', { compatibility })).toEqual(failed(422, 42203))
    }
  })
})

describe('deleting', () => {
  test('a version: softly, then for good; its number is not used again', async () => {
    const first = await register('del', record('D', field('a')))
    const second = await register('del', record('D', field('a'), field('b', { default: 0 })))
    expect(await del('/subjects/del/versions/2?permanent=true')).toEqual(failed(404, 40407))
    expect(await del('/subjects/del/versions/latest')).toEqual([200, 2])
    expect(await del('/subjects/del/versions/2')).toEqual(failed(404, 40406))
    expect(await get('/subjects/del/versions')).toEqual([200, [1]])
    expect(await get('/subjects/del/versions?deleted=true')).toEqual([200, [1, 2]])
    expect(await get('/subjects/del/versions/2')).toEqual(failed(404, 40402))
    expect(await get('/subjects/del/versions/2?deleted=true')).toMatchObject([200, { id: second }])
    expect(await get(`/schemas/ids/${second}`)).toMatchObject([200, {}])
    expect(await register('del', record('D', field('a'), field('b', { default: 0 })))).toBe(second)
    expect(await get('/subjects/del/versions')).toEqual([200, [1, 3]])
    expect(await del('/subjects/del/versions/2?permanent=true')).toEqual([200, 2])
    expect(await get('/subjects/del/versions?deleted=true')).toEqual([200, [1, 3]])
    expect(await get(`/schemas/ids/${first}`)).toMatchObject([200, {}])
  })

  test('a subject: softly, then for good; deleted versions do not count for compatibility', async () => {
    const id = await register('gone', '{"type":"fixed","name":"Gone","size":1}')
    await put('/config/gone', { compatibility: 'FULL' })
    expect(await del('/subjects/gone?permanent=true')).toEqual(failed(404, 40405))
    expect(await del('/subjects/gone')).toEqual([200, [1]])
    expect(await del('/subjects/gone')).toEqual(failed(404, 40404))
    expect(await get('/config/gone')).toEqual(failed(404, 40408))
    expect(await get('/subjects/gone/versions')).toEqual(failed(404, 40401))
    expect(await get('/subjects?subjectPrefix=gone')).toEqual([200, []])
    expect(await get('/subjects?subjectPrefix=gone&deleted=true')).toEqual([200, ['gone']])
    expect(await get('/subjects?subjectPrefix=gone&deletedOnly=true')).toEqual([200, ['gone']])
    const other = await register('gone', '"string"')
    expect(await get('/subjects/gone/versions')).toEqual([200, [2]])
    expect(await del('/subjects/gone')).toEqual([200, [2]])
    expect(await del('/subjects/gone?permanent=true')).toEqual([200, [1, 2]])
    expect(await get(`/schemas/ids/${id}`)).toEqual(failed(404, 40403))
    expect(await register('gone', '"bytes"')).toBeGreaterThan(other)
    expect(await get('/subjects/gone/versions')).toEqual([200, [1]])
  })
})

describe('modes', () => {
  test('a subject that is read-only takes nothing and loses nothing', async () => {
    await register('mode', '"int"')
    expect(await get('/mode/mode')).toEqual(failed(404, 40409))
    expect(await put('/mode/mode', { mode: 'READONLY' })).toEqual([200, { mode: 'READONLY' }])
    expect(await post('/subjects/mode/versions', { schema: '"long"' })).toEqual(failed(422, 42205))
    expect(await del('/subjects/mode')).toEqual(failed(422, 42205))
    expect(await put('/mode/mode', { mode: 'IMPORT' })).toEqual(failed(422, 42205))
    expect(await put('/mode/mode', { mode: 'X' })).toEqual(failed(422, 42204))
    expect(await del('/mode/mode')).toEqual([200, { mode: 'READONLY' }])
    expect(await get('/mode')).toEqual([200, { mode: 'READWRITE' }])
  })

  test('an import keeps the ids and versions of elsewhere', async () => {
    const schema = '"double"'
    expect(await post('/subjects/import/versions', { schema, id: 900 })).toEqual(failed(422, 42205))
    await put('/mode/import', { mode: 'IMPORT' })
    expect(await post('/subjects/import/versions', { schema, id: 900, version: 7 })).toEqual([200, { id: 900 }])
    expect(await get('/subjects/import/versions')).toEqual([200, [7]])
    expect(await post('/subjects/import/versions', { schema: '"float"', id: 900 })).toEqual(failed(422, 42207))
    expect(await post('/subjects/import/versions', { schema: '"float"', id: 901, version: 7 })).toEqual(
      failed(422, 42207),
    )
    expect(await post('/subjects/import/versions', { schema })).toEqual(failed(422, 42205))
    expect(await register('after-import', '"boolean"')).toBeGreaterThan(900)
  })
})

describe('requests that cannot be answered', () => {
  const raw = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(registry.url + path, init)
    return [response.status, await response.json()]
  }
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }

  test.each(['0', 'x', '2147483648', '-2', '1.5'])('version %s', async (version) => {
    expect(await get(`/subjects/s/versions/${version}`)).toEqual(failed(422, 42202))
  })

  test('what is not there', async () => {
    await register('there', '"int"')
    expect(await get('/subjects/there/versions/2')).toEqual(failed(404, 40402))
    expect(await get('/subjects/nowhere/versions/1')).toEqual(failed(404, 40401))
    expect(await post('/subjects/nowhere', { schema: '"int"' })).toEqual(failed(404, 40401))
    expect(await post('/subjects/there', { schema: '"bytes"' })).toEqual(failed(404, 40403))
    expect(await get('/schemas/ids/4711')).toEqual(failed(404, 40403))
    expect(await get('/nothing')).toEqual(failed(404, 404))
    expect(await send('DELETE', '/schemas/types')).toEqual(failed(405, 405))
  })

  test('subjects that are no names, and one with a slash', async () => {
    expect(await post('/subjects/%0A/versions', { schema: '"int"' })).toEqual(failed(422, 42208))
    expect(await post('/subjects/:.ctx:s/versions', { schema: '"int"' })).toEqual(failed(422, 42208))
    expect(await get('/subjects/%zz/versions')).toEqual(failed(400, 400))
    await register('a%2Fb', '"int"')
    expect(await get('/subjects?subjectPrefix=a/')).toEqual([200, ['a/b']])
  })

  test('bodies that are no JSON, no object, of another type, or too large', async () => {
    const path = '/subjects/body/versions'
    expect(await raw(path, { method: 'POST', body: '{"schema":', headers })).toEqual(failed(400, 400))
    expect(await raw(path, { method: 'POST', body: '[]', headers })).toEqual(failed(400, 400))
    expect(await raw(path, { method: 'POST', body: '{"schema":"\\"int\\""}' })).toEqual(failed(415, 415))
    const large = JSON.stringify({ schema: 'x'.repeat(2 * 1024 * 1024) })
    expect(await raw(path, { method: 'POST', body: large, headers })).toEqual(failed(422, 42209))
    expect(await get('/schemas/types')).toEqual([200, ['AVRO']])
    expect(await get('/')).toEqual([200, {}])
  })
})

test('the usual client registers, fetches, encodes and decodes', async () => {
  const client = new SchemaRegistry({ host: registry.url })
  const schema = { type: SchemaType.AVRO as const, schema: record('client.Event', field('a')) }
  const { id } = await client.register(schema, { subject: 'client-client.Event' })
  expect(await client.getLatestSchemaId('client-client.Event')).toBe(id)
  expect(await client.getRegistryIdBySchema('client-client.Event', schema)).toBe(id)
  const bytes = await client.encode(id, { a: 7 })
  expect([bytes[0], bytes.readUInt32BE(1)]).toEqual([0, id])
  expect(await new SchemaRegistry({ host: registry.url }).decode(bytes)).toMatchObject({ a: 7 })
})

test('a stop answers what has come and does not wait for what never comes', async () => {
  const stopped = await startRegistry()
  const slow = connect(stopped.port, '127.0.0.1')
  slow.write(
    'POST /subjects/a/versions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  )
  await fetch(`${stopped.url}/subjects`)
  await Promise.all([once(slow, 'close'), stopped.stop(), stopped.stop()])
  await expect(fetch(stopped.url)).rejects.toThrow('fetch failed')
})
