// The demo and its verifier, smaller: every request ends as the seed foretells, the read models are those that the verifier computes
// from the topics, and the verifier sees each planted fault.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Stack, startStack } from './start-stack.ts'

let data: string
let stack: Stack

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-demo-'))
  const env = { WEATHER_TIMEOUT_MS: '2000', WEATHER_RETRY_DELAYS_MS: '100,300,1000,3000,10000' }
  stack = await startStack({ data, env })
})

afterAll(async () => {
  await stack.stop()
  rmSync(data, { recursive: true, force: true })
})

function run(program: string, ...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, ...stack.environment, PORT: new URL(stack.url).port }
  return new Promise((done) => {
    execFile(process.execPath, ['--import', 'tsx', program, '--seed', '7', ...args], { env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr + stack.errors() }),
    )
  })
}

describe('the demo', () => {
  it('ends with every request as the seed foretells', async () => {
    const { code, output } = await run('demo/run.ts', '--messages', '150')
    expect(output).toContain('as the seed foretells: 150 of 150')
    expect(code).toBe(0)
  })

  it('has read models equal to those computed from the topics', async () => {
    const { code, output } = await run('demo/verify.ts')
    expect(output.match(/rows \d+, rows that differ: 0/g)).toHaveLength(5)
    expect(code).toBe(0)
  })

  it.each(['drop', 'double', 'swap'])('shows when the verifier is made to %s', async (fault) => {
    const { code, output } = await run('demo/verify.ts', '--plant', fault)
    expect(output).toMatch(/^planted: .*\n(.*\n)*.*rows that differ: [1-9]/m)
    expect(code).toBe(1)
  })
})
