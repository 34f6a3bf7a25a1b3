// Whether a reader takes a writer's named type for its own, by the rule of Avro's own libraries: the name without its namespace, or
// an alias. Types without a name are always alike here.
import type { SchemaNode } from './schema-node.ts'

/** Whether the names of two types of the same kind agree. */
export function areSameName(writer: SchemaNode, reader: SchemaNode): boolean {
  if (!('fullName' in writer) || !('fullName' in reader)) return true
  return writer.name === reader.name || reader.aliases.includes(writer.fullName)
}
