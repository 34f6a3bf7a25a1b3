// What a message asks for. The grammar is small on purpose: the assistant shows a pipeline, not a parser.

/** What a message asks for; `unknown` where it is none of the phrases below. */
export type Command =
  | { readonly kind: 'weather'; readonly location: string | null }
  | { readonly kind: 'set-location'; readonly location: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'unknown' }

const phrases: readonly [RegExp, (words: string) => Command][] = [
  [/^(?:set|change) (?:my )?location(?: to)? (.+)$/i, (location) => ({ kind: 'set-location', location })],
  [/^i live in (.+)$/i, (location) => ({ kind: 'set-location', location })],
  [/^weather(?: (?:in|for))? (.+)$/i, (location) => ({ kind: 'weather', location })],
  [/^weather$/i, () => ({ kind: 'weather', location: null })],
  [/^help$/i, () => ({ kind: 'help' })],
]

/** Reads a message's text. Case, surrounding and repeated spaces and a closing mark do not matter. */
export function parseCommand(text: string): Command {
  const plain = text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/ ?[.!?]+$/, '')
  for (const [phrase, read] of phrases) {
    const match = phrase.exec(plain)
    if (match !== null) return read(match[1] ?? '')
  }
  return { kind: 'unknown' }
}
