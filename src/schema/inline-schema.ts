// Makes a schema self-contained: names of types that it does not define itself are replaced by their definitions at the first use.
// Every named type gets its full name, so that the text means the same wherever it is put.
import type { AvroSchema } from '../definition/event-type.ts'

type Attributes = Readonly<Record<string, unknown>>

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])
const containers = new Set(['record', 'error', 'enum', 'fixed'])

/**
 * Inlines what `others` define.
 * @param missing called with each name that nobody defines; the name then stays as it is
 */
export function inlineSchema(
  schema: AvroSchema,
  others: readonly AvroSchema[],
  missing: (name: string) => void = () => undefined,
): AvroSchema {
  const definitions = new Map<string, { readonly schema: Attributes; readonly namespace: string }>()
  for (const other of others) collectDefinitions(other, '', definitions)
  const defined = new Set<string>()

  const walk = (node: unknown, namespace: string): unknown => {
    if (typeof node === 'string') return walkName(node, namespace)
    if (Array.isArray(node)) return node.map((branch) => walk(branch, namespace))
    if (typeof node !== 'object' || node === null) return node
    const attributes = node as Attributes
    const { type } = attributes
    if (typeof type !== 'string') return { ...attributes, type: walk(type, namespace) }
    if (containers.has(type)) return walkNamed(attributes, namespace)
    if (type === 'array') return { ...attributes, items: walk(attributes['items'], namespace) }
    if (type === 'map') return { ...attributes, values: walk(attributes['values'], namespace) }
    return { ...attributes, type: walkName(type, namespace) }
  }

  const walkName = (name: string, namespace: string): unknown => {
    if (primitives.has(name)) return name
    const qualified = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
    for (const candidate of [qualified, name]) {
      if (defined.has(candidate)) return candidate
      const found = definitions.get(candidate)
      if (found !== undefined) return walkNamed(found.schema, found.namespace)
    }
    missing(name)
    return name
  }

  const walkNamed = (attributes: Attributes, outer: string): unknown => {
    const { name, namespace } = qualify(attributes, outer)
    defined.add(namespace === '' ? name : `${namespace}.${name}`)
    const { name: _name, namespace: _namespace, fields, ...rest } = attributes
    const head = { type: rest['type'], name, ...(namespace === '' ? {} : { namespace }), ...rest }
    if (!Array.isArray(fields)) return head
    return {
      ...head,
      fields: (fields as readonly unknown[]).map((field) =>
        typeof field === 'object' && field !== null && 'type' in field
          ? { ...field, type: walk(field.type, namespace) }
          : field,
      ),
    }
  }

  return walk(schema, '') as AvroSchema
}

/** Adds the named types that a schema defines, at any depth, by full name. */
export function collectDefinitions(
  node: unknown,
  outer: string,
  definitions: Map<string, { readonly schema: Attributes; readonly namespace: string }>,
): void {
  if (Array.isArray(node)) {
    for (const branch of node) collectDefinitions(branch, outer, definitions)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const attributes = node as Attributes
  let inner = outer
  if (typeof attributes['type'] === 'string' && containers.has(attributes['type'])) {
    const { name, namespace } = qualify(attributes, outer)
    const fullName = namespace === '' ? name : `${namespace}.${name}`
    if (!definitions.has(fullName)) definitions.set(fullName, { schema: attributes, namespace: outer })
    inner = namespace
  }
  for (const key of ['type', 'items', 'values', 'fields']) collectDefinitions(attributes[key], inner, definitions)
}

function qualify(attributes: Attributes, outer: string): { name: string; namespace: string } {
  const given = typeof attributes['name'] === 'string' ? attributes['name'] : ''
  const dot = given.lastIndexOf('.')
  if (dot >= 0) return { name: given.slice(dot + 1), namespace: given.slice(0, dot) }
  return { name: given, namespace: typeof attributes['namespace'] === 'string' ? attributes['namespace'] : outer }
}
