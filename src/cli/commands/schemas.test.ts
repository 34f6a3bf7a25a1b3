import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { invoke } from '../../../tests/cli/invoke.ts'
import { schemasCheck } from './schemas-check.ts'
import { schemasGenerate } from './schemas-generate.ts'
import { schemasList } from './schemas-list.ts'

let directory: string

function writeSchema(fields: readonly unknown[]): void {
  const record = { type: 'record', name: 'ThingHappened', namespace: 'test.v1', fields }
  writeFileSync(join(directory, 'schemas/thing-happened.avsc'), JSON.stringify(record, null, 2))
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-schemas-'))
  mkdirSync(join(directory, 'schemas'))
  writeSchema([{ name: 'thing', type: 'string' }])
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('schemas generate', () => {
  it('writes what is missing, and --check fails until it has', async () => {
    expect(await invoke(schemasGenerate, ['--check'], { directory })).toMatchObject({
      code: 1,
      out: expect.stringContaining('thing-happened.ts: missing') as string,
    })
    expect((await invoke(schemasGenerate, ['--json'], { directory })).out).toBe(
      '{"files":1,"written":[{"path":"schemas/generated/thing-happened.ts","problem":"missing"}]}',
    )
    expect(await invoke(schemasGenerate, ['--check'], { directory })).toMatchObject({ code: 0 })
    writeSchema([{ name: 'thing', type: 'long' }])
    expect(await invoke(schemasGenerate, ['--check'], { directory })).toMatchObject({ code: 1 })
  })

  it('answers a schema that is wrong with exit code 2 and its line', async () => {
    writeSchema([{ name: 'thing', type: 'nothing.like.it' }])
    const { code, err } = await invoke(schemasGenerate, [], { directory })
    expect(code).toBe(2)
    expect(err).toContain('thing-happened.avsc:')
  })
})

describe('schemas list', () => {
  it('names each record with its file', async () => {
    const { out } = await invoke(schemasList, ['--json'], { directory })
    expect(JSON.parse(out)).toEqual([
      {
        name: 'ThingHappened',
        fullName: 'test.v1.ThingHappened',
        file: 'schemas/thing-happened.avsc',
        fields: 1,
        doc: null,
      },
    ])
  })
})

describe('schemas check', () => {
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: directory,
      stdio: 'ignore',
    })

  it('fails on a field without a default, and not on one with a default', async () => {
    git('init', '-b', 'main')
    git('add', '.')
    git('commit', '-m', 'first')
    writeSchema([
      { name: 'thing', type: 'string' },
      { name: 'more', type: 'string' },
    ])
    const broken = await invoke(schemasCheck, ['--against', 'git:main'], { directory })
    expect(broken.code).toBe(1)
    expect(broken.out).toMatch(/^schemas\/thing-happened\.avsc:\d+ {2}error {2}field-without-default/)
    expect(broken.out).toContain('1 schemas against 1 of git:main at BACKWARD: 1 errors, 0 warnings')
    expect(await invoke(schemasCheck, ['--against', 'git:main', '--level', 'forward'], { directory })).toMatchObject({
      code: 0,
    })
    writeSchema([
      { name: 'thing', type: 'string' },
      { name: 'more', type: 'string', default: '' },
    ])
    expect(await invoke(schemasCheck, ['--against', 'git:main', '--json'], { directory })).toMatchObject({ code: 0 })
  })

  it('answers a wrong call with exit code 2 and what would be right', async () => {
    expect(await invoke(schemasCheck, [], { directory })).toMatchObject({
      code: 2,
      err: expect.stringContaining('--against git:main') as string,
    })
    expect(await invoke(schemasCheck, ['--against', 'git:main', '--level', 'x'], { directory })).toMatchObject({
      code: 2,
      err: expect.stringContaining('FULL_TRANSITIVE') as string,
    })
    expect((await invoke(schemasCheck, ['--against', 'registry'], { directory })).err).toContain('SCHEMA_REGISTRY_URL')
  })
})
