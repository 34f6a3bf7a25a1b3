import { describe, expect, it } from 'vitest'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Command } from './command.ts'
import { runCommand } from './run-command.ts'

const commands: Command[] = [
  {
    name: 'topics list',
    summary: 'Lists the topics.',
    options: { prefix: { type: 'string', description: 'Only those that begin so.', value: '<text>' } },
    run: ({ print, options, json, positionals }) => {
      print(JSON.stringify({ options, json, positionals }))
      return Promise.resolve(0)
    },
  },
  {
    name: 'doctor',
    summary: 'Looks at everything.',
    run: ({ positionals }) =>
      Promise.reject(
        positionals[0] === 'bug'
          ? new TypeError('x is not a function')
          : new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', 'no broker answers', { retriable: true }),
      ),
  },
]

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const code = await runCommand(commands, words, {
    print: (line) => out.push(line),
    note: (line) => err.push(line),
    readInput: () => Promise.resolve(''),
    interactive: false,
    env: {},
    directory: '.',
    signal: new AbortController().signal,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('runCommand', () => {
  it('hands options, positionals and --json to the command', async () => {
    const { code, out } = await run('topics', 'list', 'one', '--prefix', 'a', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({ options: { prefix: 'a' }, json: true, positionals: ['one'] })
  })

  it('prints help with exit code 0, for all, for a noun and for a command', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('topics list') as string })
    expect(await run('topics', '--help')).toMatchObject({
      code: 0,
      out: expect.not.stringContaining('doctor') as string,
    })
    expect((await run('topics', 'list', '--help')).out).toContain('--prefix <text>')
  })

  it('answers a wrong call with exit code 2 and what is possible', async () => {
    expect(await run('topix')).toMatchObject({ code: 2, err: "millrace: there is no command 'topix'" })
    expect(await run('topics', 'list', '--nope')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--prefix') as string,
    })
  })

  it('tells an outage from a fault of its own, without a stack trace', async () => {
    expect(await run('doctor')).toEqual({
      code: 3,
      out: '',
      err: 'millrace doctor: no broker answers (MILLRACE_KAFKA_UNAVAILABLE)',
    })
    const bug = await run('doctor', 'bug')
    expect(bug.code).toBe(1)
    expect(bug.err).toContain('x is not a function')
    expect(bug.err).not.toContain('at ')
  })
})
