// One line of JSON for --json. A bigint is a number where a number holds it exactly, and text where it does not.

/** The JSON text of a value; never several lines. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'bigint') return part
    return Number.isSafeInteger(Number(part)) ? Number(part) : part.toString()
  })
}
