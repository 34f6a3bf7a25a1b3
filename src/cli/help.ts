// The texts of --help: the list of commands, and one command with its options.
import type { Command } from './command.ts'

/** The list of commands. */
export function overview(commands: readonly Command[]): string {
  const title = (command: Command): string => [command.name, command.arguments].filter(Boolean).join(' ')
  const width = Math.max(...commands.map((command) => title(command).length))
  const lines = commands.map((command) => `  ${title(command).padEnd(width)}  ${command.summary}`)
  return [
    'millrace <noun> <verb> [options]',
    '',
    ...lines,
    '',
    'Every command knows --help and --json.',
    'Exit codes: 0 done, 1 failed or not well, 2 wrong call, setting or definition, 3 unavailable for now.',
  ].join('\n')
}

/** One command with its options. */
export function helpOf(command: Command): string {
  const options = {
    ...command.options,
    json: { type: 'boolean' as const, description: 'Prints JSON instead of text.' },
  }
  const flag = (name: string, { type, value }: { type: string; value?: string }): string =>
    `--${name}${type === 'string' ? ` ${value ?? '<value>'}` : ''}`
  const width = Math.max(...Object.entries(options).map(([name, option]) => flag(name, option).length))
  return [
    ['millrace', command.name, command.arguments, '[options]'].filter(Boolean).join(' '),
    '',
    command.summary,
    ...(command.description === undefined ? [] : ['', command.description]),
    '',
    ...Object.entries(options).map(([name, option]) => `  ${flag(name, option).padEnd(width)}  ${option.description}`),
  ].join('\n')
}
