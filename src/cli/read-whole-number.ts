// Reads a whole number that somebody typed.
import { usageError } from './usage-error.ts'

/** The number. @throws MillraceError `MILLRACE_COMMAND_USAGE` naming `what` */
export function readWholeNumber(text: string | undefined, what: string): bigint {
  if (text !== undefined && /^\d{1,18}$/.test(text)) return BigInt(text)
  throw usageError(`${what}: expected a whole number from 0, received '${text ?? ''}'`)
}
