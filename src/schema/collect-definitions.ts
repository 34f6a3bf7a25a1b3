// The named types that a schema defines, as they stand in it.
import { qualifyName } from './qualify-name.ts'

type Attributes = Readonly<Record<string, unknown>>

/** Named types by full name, each with the namespace it stands in. */
export type Definitions = Map<string, { readonly schema: Attributes; readonly namespace: string }>

const containers = new Set(['record', 'error', 'enum', 'fixed'])

/** Adds the named types that a schema defines, at any depth, by full name. */
export function collectDefinitions(node: unknown, outer: string, definitions: Definitions): void {
  if (Array.isArray(node)) {
    for (const branch of node) collectDefinitions(branch, outer, definitions)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const attributes = node as Attributes
  let inner = outer
  if (typeof attributes['type'] === 'string' && containers.has(attributes['type'])) {
    const { name, namespace } = qualifyName(attributes, outer)
    const fullName = namespace === '' ? name : `${namespace}.${name}`
    if (!definitions.has(fullName)) definitions.set(fullName, { schema: attributes, namespace: outer })
    inner = namespace
  }
  for (const key of ['type', 'items', 'values', 'fields']) collectDefinitions(attributes[key], inner, definitions)
}
