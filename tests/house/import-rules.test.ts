// Plants one forbidden import per edge of the house and sees the linter refuse it: a rule that cannot fail is no rule.
import { execFile } from 'node:child_process'
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const edges: readonly [file: string, imported: string, message: string][] = [
  ['src/errors/planted.ts', '../config/settings.ts', 'src/errors may import only none'],
  ['src/definition/planted.ts', '../kafka/record.ts', 'src/definition may import only'],
  ['src/kafka/planted.ts', '../consumer/start-consumer.ts', 'src/kafka may import only'],
  ['src/consumer/planted.ts', '../http/serve.ts', 'src/consumer may import only'],
  ['src/consumer/planted.ts', 'kafkajs', 'does not talk to this library'],
  ['src/projection/planted.ts', '@prisma/client', 'does not talk to this library'],
  ['src/worker/planted.ts', '../../consumers/workers/x.ts', 'src/ imports no user folder'],
  ['src/query/planted.ts', '../../embedded/index.ts', 'Only src/cli starts the embedded stack'],
  ['src/schema/planted.ts', '../../embedded/broker/start-broker.ts', 'shares only the compatibility rules'],
  ['src/http/planted.ts', 'millrace', 'does not import itself'],
  ['embedded/broker/planted.ts', '../../src/index.ts', 'embedded/ knows nothing of the pipeline'],
  ['embedded/broker/planted.ts', 'millrace', 'embedded/ knows nothing of the pipeline'],
  ['consumers/projections/planted.ts', '../../src/index.ts', "A definition imports 'millrace'"],
  ['consumers/workers/planted.ts', 'kafkajs', 'A definition is inert'],
  ['schemas/topics/planted.ts', '../../src/index.ts', "A definition imports 'millrace'"],
]

let house: string

function lint(): Promise<string> {
  return new Promise((done) => {
    execFile(
      join(house, 'node_modules/.bin/oxlint'),
      [],
      { cwd: house, maxBuffer: 1 << 24 },
      (_error, stdout, stderr) => done(stdout + stderr),
    )
  })
}

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'millrace-house-'))
  await symlink(resolve('node_modules'), join(house, 'node_modules'))
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
    await symlink(resolve(name), join(house, name))
})
afterAll(() => rm(house, { recursive: true, force: true }))

describe('the import rules of the house', () => {
  it('refuses every planted import, and says which edge it crosses', async () => {
    const files = new Map<string, string[]>()
    for (const [file, imported] of edges) files.set(file, [...(files.get(file) ?? []), imported])
    for (const [file, imports] of files) {
      await mkdir(dirname(join(house, file)), { recursive: true })
      const lines = imports.map((imported, index) => `import type { Planted as P${index} } from '${imported}'`)
      await writeFile(join(house, file), `${lines.join('\n')}\nexport type Planted = P0\n`)
    }
    const report = await lint()
    for (const [file, imported, message] of edges) {
      const finding = report.split('eslint(no-restricted-imports)').filter((part) => part.includes(`'${imported}'`))
      expect(
        finding.some((part) => part.includes(file) && part.includes(message)),
        `${file} imports ${imported}`,
      ).toBe(true)
    }
  }, 60_000)
})
