import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startRegistry } from './start-registry.ts'

let dataDir: string
const file = (): string => join(dataDir, '_schemas.jsonl')
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'registry-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

async function session(...calls: [method: string, path: string, body?: object][]): Promise<unknown[]> {
  await using registry = await startRegistry({ dataDir })
  const answers: unknown[] = []
  for (const [method, path, body] of calls) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(registry.url + path, { method, ...(body && { body: JSON.stringify(body), headers }) })
    answers.push(await response.json())
  }
  return answers
}

test('everything outlives the process: ids, versions, soft and hard deletes, levels and modes', async () => {
  await session(
    ['POST', '/subjects/a/versions', { schema: '"int"' }],
    ['POST', '/subjects/a/versions', { schema: '"long"' }],
    ['POST', '/subjects/b/versions', { schema: '"string"' }],
    ['DELETE', '/subjects/a/versions/1'],
    ['DELETE', '/subjects/b'],
    ['DELETE', '/subjects/b?permanent=true'],
    ['PUT', '/config', { compatibility: 'FULL' }],
    ['PUT', '/config/a', { compatibility: 'NONE' }],
    ['PUT', '/mode/c', { mode: 'READONLY' }],
  )
  expect(
    await session(
      ['GET', '/subjects/a/versions'],
      ['GET', '/subjects/a/versions?deleted=true'],
      ['GET', '/subjects?deleted=true'],
      ['GET', '/config'],
      ['GET', '/config/a'],
      ['GET', '/mode/c'],
      ['POST', '/subjects/d/versions', { schema: '"bytes"' }],
    ),
  ).toEqual([
    [2],
    [1, 2],
    ['a'],
    { compatibilityLevel: 'FULL' },
    { compatibilityLevel: 'NONE' },
    { mode: 'READONLY' },
    // Ids 1 to 3 were given, and the last of them is not given again though it was deleted for good.
    { id: 4 },
  ])
})

test('what was answered is in the file at once, without a stop', async () => {
  await using registry = await startRegistry({ dataDir })
  const headers = { 'content-type': 'application/json' }
  for (const [index, schema] of ['"int"', '"long"', '"double"'].entries()) {
    await fetch(`${registry.url}/subjects/a/versions`, { method: 'POST', headers, body: JSON.stringify({ schema }) })
    expect(readFileSync(file(), 'utf8').split('\n')).toHaveLength(index + 2)
  }
})

test('the file has the layout of the _schemas topic', async () => {
  await session(['POST', '/subjects/a/versions', { schema: '"int"' }], ['PUT', '/config', { compatibility: 'FULL' }])
  expect(readFileSync(file(), 'utf8')).toBe(
    '{"key":{"keytype":"SCHEMA","subject":"a","version":1,"magic":1},"value":{"subject":"a","version":1,"id":1,"schema":"\\"int\\"","deleted":false}}\n' +
      '{"key":{"keytype":"CONFIG","subject":null,"magic":0},"value":{"subject":null,"compatibilityLevel":"FULL"}}\n',
  )
})

test.each(['{"key":{"keytype":"SCH', '{"key":{"keytype":"SCH\n', '\u0000\u0000\n'])(
  'a torn last line is cut off, and the next entry is whole: %j',
  async (torn) => {
    await session(['POST', '/subjects/a/versions', { schema: '"int"' }])
    appendFileSync(file(), torn)
    expect(await session(['POST', '/subjects/a/versions', { schema: '"long"' }])).toEqual([{ id: 2 }])
    expect(await session(['GET', '/subjects/a/versions'])).toEqual([[1, 2]])
  },
)

test('a cut at any byte loses at most the last answer', async () => {
  await session(
    ['POST', '/subjects/a/versions', { schema: '"int"' }],
    ['POST', '/subjects/a/versions', { schema: '"long"' }],
  )
  const bytes = readFileSync(file())
  const firstLine = bytes.indexOf(10) + 1
  for (const end of [0, 1, firstLine - 1, firstLine, firstLine + 1, bytes.length - 1, bytes.length]) {
    writeFileSync(file(), bytes.subarray(0, end))
    const [subjects] = await session(['GET', '/schemas'])
    const expected = end < firstLine ? 0 : end < bytes.length ? 1 : 2
    expect(subjects, `cut at ${end}`).toHaveLength(expected)
  }
})

test('damage before the last line is refused with its place, and the file is left as it is', async () => {
  await session(['POST', '/subjects/a/versions', { schema: '"int"' }])
  const damaged = `{broken\n${readFileSync(file(), 'utf8')}`
  writeFileSync(file(), damaged)
  await expect(startRegistry({ dataDir })).rejects.toThrow(`${file()}: line 1 is damaged`)
  expect(readFileSync(file(), 'utf8')).toBe(damaged)
})
