// The engine knows no domain, and the check that says so can fail.
import { execFile } from 'node:child_process'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

function check(...options: string[]): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, ['scripts/domain-words.js', ...options], (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
  })
}

describe('domain words', () => {
  it('finds none in the engine', async () => {
    const { code, output } = await check()
    expect(output).toMatch(/\d{2,} words looked for, 0 found/)
    expect(code).toBe(0)
  })

  it('finds a planted record name, topic name and field name', async () => {
    const root = await mkdtemp(join(tmpdir(), 'millrace-words-'))
    await mkdir(join(root, 'src'))
    const planted = ['const a = MessageReceived', "const b = 'assistant.messages'", 'const c = row.conversationId']
    await writeFile(join(root, 'src/planted.ts'), planted.join('\n'))
    const { code, output } = await check('--root', root)
    await rm(root, { recursive: true })
    expect(output).toContain('planted.ts:1')
    expect(output).toContain('planted.ts:2')
    expect(output).toContain('planted.ts:3')
    expect(output).toContain('3 found')
    expect(code).toBe(1)
  })
})
