import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Registry, startRegistry } from '../../../embedded/registry/start-registry.ts'
import { checkSchemas } from './check-schemas.ts'
import { readRegistryBaseline } from './read-registry-baseline.ts'

const record = (name: string, ...fields: object[]): string => JSON.stringify({ type: 'record', name, fields })
const id = { name: 'id', type: 'string' }
const added = { name: 'b', type: 'int', default: 0 }

let registry: Registry
beforeAll(async () => {
  registry = await startRegistry()
  await register('topic-a.One', record('a.One', id))
  await register('topic-a.One', record('a.One', id, added))
  await register('other-b.One', record('b.One', id))
  await register('inner', record('a.Inner', { name: 'n', type: 'long' }))
  await register('middle', record('a.Middle', { name: 'of', type: 'a.Inner' }), [
    { name: 'a.Inner', subject: 'inner', version: 1 },
  ])
  await register('topic-a.Two', record('a.Two', { name: 'middle', type: 'a.Middle' }), [
    { name: 'a.Middle', subject: 'middle', version: 1 },
  ])
})
afterAll(async () => registry.stop())

async function register(subject: string, schema: string, references: object[] = []): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ schema, references })
  const response = await fetch(`${registry.url}/subjects/${subject}/versions`, { method: 'POST', headers, body })
  expect(response.status).toBe(200)
}

test('reads the latest version of the subjects of the records named', async () => {
  expect(await readRegistryBaseline({ url: registry.url, names: ['a.One'], fetch })).toEqual([
    {
      origin: 'subject topic-a.One version 2',
      text: '{"type":"record","name":"One","namespace":"a","fields":[{"name":"id","type":"string"},{"name":"b","type":"int","default":0}]}',
      references: [],
    },
  ])
})

test('reads all versions for a level that is transitive', async () => {
  const baseline = await readRegistryBaseline({ url: `${registry.url}/`, names: ['a.One'], everyVersion: true, fetch })
  expect(baseline.map(({ origin }) => origin)).toEqual([
    'subject topic-a.One version 1',
    'subject topic-a.One version 2',
  ])
  const current = [{ file: 'one.avsc', text: record('a.One', id, { name: 'b', type: 'int' }) }]
  const findings = checkSchemas({ current, baseline, level: 'BACKWARD_TRANSITIVE' })
  expect(findings).toMatchObject([{ rule: 'field-without-default', against: 'subject topic-a.One version 1' }])
})

test('a schema with references is compared with all it refers to', async () => {
  const baseline = await readRegistryBaseline({ url: registry.url, names: ['a.Two'], fetch })
  const current = [
    { file: 'inner.avsc', text: record('a.Inner', { name: 'n', type: 'string' }) },
    { file: 'middle.avsc', text: record('a.Middle', { name: 'of', type: 'a.Inner' }) },
    { file: 'two.avsc', text: record('a.Two', { name: 'middle', type: 'a.Middle' }) },
  ]
  expect(checkSchemas({ current, baseline, level: 'BACKWARD' })).toMatchObject([
    { rule: 'type-changed', file: 'two.avsc', path: '/fields/0/type/fields/0/type/fields/0/type' },
  ])
})

test('a registry that is away or refuses is an error that shows no password', async () => {
  const gone = await startRegistry()
  await gone.stop()
  const url = gone.url.replace('//', '//user:secret@')
  const error: unknown = await readRegistryBaseline({ url, names: [], fetch }).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'MILLRACE_SCHEMA_BASELINE', retriable: true })
  expect((error as Error).message).toContain(gone.url)
  expect((error as Error).message).not.toContain('secret')
  await expect(readRegistryBaseline({ url: `${registry.url}/wrong`, names: [], fetch })).rejects.toThrow('status 404')
})

test('credentials of the URL are sent as a header', async () => {
  const asked: [string, unknown][] = []
  const recording: typeof fetch = async (input, init) => {
    asked.push([input instanceof URL ? input.href : '', init?.headers])
    return Promise.resolve(new Response('[]'))
  }
  await readRegistryBaseline({ url: 'http://us%40er:pass@registry:8081', names: [], fetch: recording })
  const authorization = `Basic ${Buffer.from('us@er:pass').toString('base64')}`
  expect(asked).toEqual([['http://registry:8081/subjects', { authorization }]])
})
