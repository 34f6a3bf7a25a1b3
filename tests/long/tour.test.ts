// The five minutes of the README: each command line is run against a stack of its own and prints what the page says, but for ids and
// tokens. What is read is asked again until it is as shown; what writes is sent once.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBlocks } from '../docs/read-blocks.ts'
import { type Stack, startStack } from '../flow/start-stack.ts'

interface Step {
  readonly command: string
  readonly output: string
}

const steps: readonly Step[] = readBlocks('README.md')
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((typed) => {
    const end = typed.indexOf('\n')
    return { command: typed.slice(0, end), output: typed.slice(end + 1) }
  })

let data: string
let stack: Stack
let variables: Record<string, string> = {}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-tour-'))
  // The provider's faults fall on requests by their ids, which are random here.
  stack = await startStack({ data, env: { FAKE_FAULTS: 'off' } })
})
afterAll(async () => {
  await stack?.stop()
  await rm(data, { recursive: true, force: true })
})

function run(command: string): Promise<string> {
  const here = command
    .replaceAll('localhost:8080', stack.url.replace('http://', ''))
    .replaceAll('npx millrace', 'node bin/millrace.js')
  const env = { ...process.env, ...stack.environment, ...variables, MILLRACE_DATA: data }
  return new Promise((done) => {
    execFile('sh', ['-c', here], { env }, (_error, stdout, stderr) => done(stdout === '' ? stderr : stdout))
  })
}

/** The text without what is another one each time. */
function shape(text: string): string {
  return (
    text
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
      .replaceAll(/v1\.[\w-]+\.[\w-]+/g, '<token>')
      // The fake provider's weather is another one each hour.
      .replaceAll(/Oslo: .*? m\/s\./g, '<weather>')
      .trim()
  )
}

describe('the five minutes of the README', () => {
  it('has steps', () => {
    expect(steps.length).toBeGreaterThan(5)
  })

  it.each(steps.map((step) => [step.command, step] as const))('$ %s', async (command, { output }) => {
    const assignment = /^([A-Z]+)=/.exec(command)?.[1]
    const line = assignment === undefined ? command : `${command}; printf %s "$${assignment}"`
    const expected = assignment === undefined ? shape(output) : '<token>'
    let printed = await run(line)
    const until = Date.now() + (command.includes(' -d ') ? 0 : 60_000)
    while (shape(printed) !== expected && Date.now() < until) printed = await run(line)
    if (assignment !== undefined) variables = { ...variables, [assignment]: printed }
    expect(shape(printed)).toBe(expected)
  })
})
