// Text that Postgres takes.

/** The text without NUL and half surrogate pairs, which Postgres refuses: what is kept about an event must never stop it. */
export function storableText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\uFFFD')
}
