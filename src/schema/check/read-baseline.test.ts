import { expect, test } from 'vitest'
import { readBaseline } from './read-baseline.ts'

const record = (name: string): string => JSON.stringify({ type: 'record', name, fields: [] })
const current = [
  { file: 'one.avsc', text: record('a.One') },
  { file: 'broken.avsc', text: '{' },
]

async function read(against: string, level: 'BACKWARD' | 'BACKWARD_TRANSITIVE' = 'BACKWARD'): Promise<string[]> {
  const asked: string[] = []
  await readBaseline({
    against,
    current,
    level,
    folder: 'contract',
    git: async (args) => {
      asked.push(args.join(' '))
      return Promise.resolve(args[0] === 'rev-parse' ? 'c0ffee\n' : '')
    },
    registryUrl: 'http://registry',
    fetch: async (input) => {
      const { pathname } = input instanceof URL ? input : new URL('http://not-a-url')
      asked.push(pathname)
      if (pathname === '/subjects') return Promise.resolve(Response.json(['t-a.One', 't-b.Two']))
      return Promise.resolve(Response.json(pathname.endsWith('/versions') ? [1, 2] : { version: 1, schema: '"int"' }))
    },
  })
  return asked
}

test('git:<revision> reads the folder at that commit', async () => {
  expect(await read('git:main')).toEqual([
    'rev-parse --verify --end-of-options main^{commit}',
    'ls-tree -z --name-only c0ffee -- contract/',
  ])
})

test("registry reads the subjects of this project's records: the latest version, or all where the level is transitive", async () => {
  expect(await read('registry')).toEqual(['/subjects', '/subjects/t-a.One/versions/latest'])
  expect(await read('registry', 'BACKWARD_TRANSITIVE')).toEqual([
    '/subjects',
    '/subjects/t-a.One/versions',
    '/subjects/t-a.One/versions/1',
    '/subjects/t-a.One/versions/2',
  ])
})

test.each(['main', 'git:', ''])('"%s" is refused with what to write', async (against) => {
  await expect(read(against)).rejects.toThrow('Write git:<branch, tag or commit>, or registry.')
})
