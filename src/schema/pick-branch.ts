// Which branches of a reader's union may take what a writer wrote, best first: the type itself before any promotion. Taking the
// first branch that can be read at all would turn bytes into a string wherever a union has both.
import type { Branch, SchemaNode, UnionNode } from './schema-node.ts'
import { areSameName } from './are-same-name.ts'

const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/** The branches worth trying, in order. */
export function pickBranches(union: UnionNode, writer: SchemaNode): readonly Branch[] {
  const same = union.branches.filter(({ type }) => type.kind === writer.kind)
  const exact = same.filter(
    ({ type }) => 'fullName' in type && 'fullName' in writer && type.fullName === writer.fullName,
  )
  const alike = same.filter((branch) => !exact.includes(branch) && areSameName(writer, branch.type))
  const promoted = (promotions[writer.kind] ?? []).flatMap((kind) =>
    union.branches.filter(({ type }) => type.kind === kind),
  )
  return [...exact, ...alike, ...promoted]
}
