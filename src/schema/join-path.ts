// The path of a field inside a value: `lines[2].price`.

/** A path with one more name at its end. */
export function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
