// The error of a command that was called wrongly: exit code 2, nothing was done.
import { MillraceError } from '../errors/millrace-error.ts'

/** Makes it; `message` says what is wrong and what would be right. */
export function usageError(message: string): MillraceError {
  return new MillraceError('MILLRACE_COMMAND_USAGE', message)
}
