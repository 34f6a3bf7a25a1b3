// What a thrown value is called where a failed event is kept: events that failed alike have one code.
import { messageOf } from './message-of.ts'

/** The error's own `code`, else its name (`THROWN` for what is no error), and its message. */
export function failureOf(thrown: unknown): { readonly code: string; readonly detail: string } {
  const detail = messageOf(thrown)
  if (!(thrown instanceof Error)) return { code: 'THROWN', detail }
  const { code } = thrown as { readonly code?: unknown }
  return { code: typeof code === 'string' ? code : thrown.name, detail }
}
