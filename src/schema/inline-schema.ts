// Makes a schema self-contained: names of types that it does not define itself are replaced by their definitions at the first use.
// Every named type gets its full name, so that the text means the same wherever it is put.
import type { AvroSchema } from '../definition/event-type.ts'
import { collectDefinitions } from './collect-definitions.ts'
import type { Definitions } from './collect-definitions.ts'
import { qualifyName } from './qualify-name.ts'

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
  const definitions: Definitions = new Map()
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
    const { name, namespace } = qualifyName(attributes, outer)
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
