// The order in which children stop: first those that nothing depends on, then those that only stopped ones depended on, and
// so on. Refuses a list that has no such order.
import type { ChildSpecification } from './child-specification.ts'

/**
 * Groups of names; the children of one group may stop at the same time.
 * @throws Error when a name is used twice, a dependency is unknown, or dependencies run in a circle.
 */
export function stopOrder(specifications: readonly ChildSpecification[]): string[][] {
  const names = new Set(specifications.map(({ name }) => name))
  if (names.size !== specifications.length) throw new Error('two children of a supervisor have the same name')
  for (const { name, dependsOn = [] } of specifications) {
    const unknown = dependsOn.find((dependency) => !names.has(dependency))
    if (unknown !== undefined) throw new Error(`child ${name} depends on ${unknown}, which is not in the list`)
  }

  const groups: string[][] = []
  let running = [...specifications]
  while (running.length > 0) {
    const needed = new Set(running.flatMap(({ dependsOn = [] }) => dependsOn))
    const group = running.filter(({ name }) => !needed.has(name)).map(({ name }) => name)
    if (group.length === 0) throw new Error(`children depend on each other in a circle: ${[...needed].join(', ')}`)
    groups.push(group)
    running = running.filter(({ name }) => !group.includes(name))
  }
  return groups
}
