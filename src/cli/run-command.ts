// Finds the command that a command line names, parses its options, runs it, and turns every failure into one clear message
// and an exit code. People never see a stack trace for a mistake of theirs; MILLRACE_DEBUG=1 shows it.
import { messageOf } from '../errors/message-of.ts'
import { parseArgs } from 'node:util'
import { MillraceError } from '../errors/millrace-error.ts'
import { type Command, exitCodes, type Invocation } from './command.ts'
import { helpOf, overview } from './help.ts'

type Surroundings = Omit<Invocation, 'positionals' | 'options' | 'json'>

function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): { command: Command; rest: string[] } | null {
  for (const length of [2, 1]) {
    const command = commands.find(({ name }) => name === words.slice(0, length).join(' '))
    if (command !== undefined) return { command, rest: words.slice(length) }
  }
  return null
}

/** Runs the command line `words` and resolves with the exit code. */
export async function runCommand(
  commands: readonly Command[],
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const found = findCommand(commands, words)
  if (found === null) {
    const asked = words.length === 0 || words[0] === '--help' || words[0] === '-h' || words[0] === 'help'
    const nouns = commands.filter(({ name }) => name.startsWith(`${words[0]} `))
    if (!asked && nouns.length === 0) surroundings.note(`millrace: there is no command '${words.join(' ')}'`)
    surroundings.print(overview(nouns.length > 0 ? nouns : commands))
    return asked || words.includes('--help') ? exitCodes.done : exitCodes.usage
  }
  const { command, rest } = found
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        ...Object.fromEntries(Object.entries(command.options ?? {}).map(([name, { type }]) => [name, { type }])),
      },
    })
    if (values['help'] === true) {
      surroundings.print(helpOf(command))
      return exitCodes.done
    }
    const { json, help: _help, ...options } = values
    return await command.run({ ...surroundings, positionals, json: json === true, options })
  } catch (error) {
    return explain(error, command, surroundings)
  }
}

function explain(error: unknown, command: Command, { note, env }: Surroundings): number {
  if (env['MILLRACE_DEBUG'] === '1' && error instanceof Error) note(error.stack ?? error.message)
  if (error instanceof MillraceError) {
    note(`millrace ${command.name}: ${error.message} (${error.code})`)
    if (error.retriable) return exitCodes.unavailable
    return /_(INVALID|MISSING|USAGE|PORT_TAKEN|BASELINE)$/.test(error.code) ? exitCodes.usage : exitCodes.failed
  }
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')) {
    note(`millrace ${command.name}: ${(error as Error).message}\n\n${helpOf(command)}`)
    return exitCodes.usage
  }
  note(`millrace ${command.name}: ${messageOf(error)}`)
  note('This is a fault of Millrace, not of yours. MILLRACE_DEBUG=1 shows where it happened.')
  return exitCodes.failed
}
