// What a thrown value says. JavaScript throws anything, and a handler's author may have.

/** The message of an error, or the text of whatever else was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
