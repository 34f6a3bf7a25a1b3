// The name and the namespace of a named type, however its schema splits them.

/** Splits a named type's name; `outer` is the namespace it stands in. */
export function qualifyName(
  attributes: Readonly<Record<string, unknown>>,
  outer: string,
): { name: string; namespace: string } {
  const given = typeof attributes['name'] === 'string' ? attributes['name'] : ''
  const dot = given.lastIndexOf('.')
  if (dot >= 0) return { name: given.slice(dot + 1), namespace: given.slice(0, dot) }
  return { name: given, namespace: typeof attributes['namespace'] === 'string' ? attributes['namespace'] : outer }
}
