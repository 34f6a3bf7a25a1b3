// Whether a value is an object of named values: a record or a map, and not one of the objects that stand for a single value.

/** Whether a value is an object that is no array, no Date and no bytes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  )
}
