// Runs a command of the CLI in a test: as main.ts does, with what it writes caught.
import type { Command, Invocation } from '../../src/cli/command.ts'
import { runCommand } from '../../src/cli/run-command.ts'

export interface Invoked {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `command` with the words behind its name. */
export async function invoke(
  command: Command,
  words: readonly string[],
  surroundings: Partial<Pick<Invocation, 'directory' | 'env' | 'readInput'>> = {},
): Promise<Invoked> {
  const out: string[] = []
  const err: string[] = []
  const code = await runCommand([command], [...command.name.split(' '), ...words], {
    print: (line) => out.push(line),
    note: (line) => err.push(line),
    readInput: () => Promise.resolve(''),
    interactive: false,
    env: {},
    directory: '.',
    signal: new AbortController().signal,
    ...surroundings,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}
