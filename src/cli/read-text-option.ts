// Reads options of a command as what they are meant to be.
import type { Invocation } from './command.ts'
import { usageError } from './usage-error.ts'

/** The text of an option, or null where it was not given. @throws MillraceError `MILLRACE_COMMAND_USAGE` where it is empty */
export function readTextOption({ options }: Pick<Invocation, 'options'>, name: string): string | null {
  const value = options[name]
  if (typeof value !== 'string') return null
  if (value.trim() === '') throw usageError(`--${name} is empty; give it a value or leave it out`)
  return value
}
