// Checks the defaults of a contract's own records. Schemas of other writers are not checked so: only a default that is used matters there.
import { defaultValue } from './default-value.ts'
import type { SchemaNode } from './schema-node.ts'
import { Unreadable } from './unreadable.ts'

/** Finds the fields whose default does not fit their type. */
export function findDefaultProblems(root: SchemaNode): readonly { readonly name: string; readonly problem: string }[] {
  const problems: { name: string; problem: string }[] = []
  const seen = new Set<SchemaNode>()
  const visit = (node: SchemaNode): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (node.kind === 'array') visit(node.items)
    if (node.kind === 'map') visit(node.values)
    if (node.kind === 'union') for (const { type } of node.branches) visit(type)
    if (node.kind !== 'record') return
    for (const field of node.fields) {
      visit(field.type)
      if (field.default === undefined) continue
      try {
        defaultValue(field)
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        problems.push({ name: field.name, problem: error.message })
      }
    }
  }
  visit(root)
  return problems
}
