import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readGitBaseline } from './read-git-baseline.ts'

const run = promisify(execFile)
let folder: string

// A test may itself run inside git (a hook), whose variables would point at another repository.
const git = async (args: readonly string[]): Promise<string> => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  return (await run('git', [...args], { cwd: join(folder, 'project'), env })).stdout
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'git-baseline-'))
  mkdirSync(join(folder, 'project/schemas/deep'), { recursive: true })
  writeFileSync(join(folder, 'project/schemas/a.avsc'), '"old a"')
  writeFileSync(join(folder, 'project/schemas/bé.avsc'), '"old b"')
  writeFileSync(join(folder, 'project/schemas/deep/c.avsc'), '"not of the contract"')
  writeFileSync(join(folder, 'project/schemas/topics.ts'), '')
  await run('git', ['init', '-q', folder])
  await git(['add', '.'])
  await git(['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'one'])
  await git(['tag', 'v1'])
  writeFileSync(join(folder, 'project/schemas/a.avsc'), '"new a"')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('reads the .avsc files of a revision, from a project below the root of its repository', async () => {
  expect(await readGitBaseline({ ref: 'v1', git })).toEqual([
    { origin: 'v1:schemas/a.avsc', text: '"old a"' },
    { origin: 'v1:schemas/bé.avsc', text: '"old b"' },
  ])
  expect(await readGitBaseline({ ref: 'v1', folder: 'nowhere', git })).toEqual([])
})

test.each(['nope', '--help', '-h', 'v1:project'])('%s is no revision', async (ref) => {
  await expect(readGitBaseline({ ref, git })).rejects.toMatchObject({ code: 'MILLRACE_SCHEMA_BASELINE' })
})
