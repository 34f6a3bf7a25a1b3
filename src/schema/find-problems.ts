// Checks a typed value against its schema and reports every wrong field. It runs when the compiled writer has refused a value, or
// when somebody asks; the writer itself only says yes or no.
import { isLeafValue } from './is-leaf-value.ts'
import { describeLeaf } from './describe-leaf.ts'
import { describeReceived } from './describe-received.ts'
import { describeType } from './describe-type.ts'
import { findBranch } from './find-branch.ts'
import { isPlainObject } from './is-plain-object.ts'
import { joinPath } from './join-path.ts'
import type { SchemaNode, UnionNode } from './schema-node.ts'

/** One wrong place of a value. */
export interface Problem {
  /** `lines[2].price`; empty for the value itself. */
  readonly path: string
  readonly expected: string
  readonly received: string
}

/** Reports at most this many: a wrong array has one for each item. */
const maxProblems = 100

/** Finds what is wrong with a value; empty when nothing is. */
export function findProblems(node: SchemaNode, value: unknown): readonly Problem[] {
  const problems: Problem[] = []
  collect(node, value, '', problems)
  return problems.slice(0, maxProblems)
}

function collect(node: SchemaNode, value: unknown, path: string, problems: Problem[]): void {
  if (problems.length >= maxProblems) return
  switch (node.kind) {
    case 'array':
      if (!Array.isArray(value)) problems.push(problem(path, 'an array', value))
      else value.forEach((item, index) => collect(node.items, item, `${path}[${index}]`, problems))
      return
    case 'map':
      if (!isPlainObject(value)) problems.push(problem(path, 'an object of values by key', value))
      else for (const [key, item] of Object.entries(value)) collect(node.values, item, joinPath(path, key), problems)
      return
    case 'record': {
      if (!isPlainObject(value)) {
        problems.push(problem(path, `an object, ${node.name}`, value))
        return
      }
      for (const field of node.fields) {
        const item = own(value, field.name)
        if (item === undefined && field.default !== undefined) continue
        collect(field.type, item, joinPath(path, field.name), problems)
      }
      for (const key of Object.keys(value)) {
        if (own(value, key) === undefined || node.fields.some((field) => field.name === key)) continue
        problems.push(problem(joinPath(path, key), `no such field in ${node.name}`, own(value, key)))
      }
      return
    }
    case 'union': {
      const index = findBranch(node, value)
      const branch = node.branches[index] ?? onlyObject(node, value)
      if (branch === undefined) {
        problems.push(problem(path, describeType(node), value))
      } else if (branch.label === null) {
        collect(branch.type, value, path, problems)
      } else {
        collect(branch.type, own(value as object, branch.label), joinPath(path, branch.label), problems)
      }
      return
    }
    default:
      if (!isLeafValue(node, value)) problems.push(problem(path, describeLeaf(node), value))
  }
}

/** A union of null and one type: a value that fits neither is measured by the type, for the better message. */
function onlyObject(node: UnionNode, value: unknown): UnionNode['branches'][number] | undefined {
  const others = node.branches.filter(({ type }) => type.kind !== 'null')
  const isStructured = value !== undefined && (others[0]?.type.kind === 'record' || others[0]?.type.kind === 'array')
  return others.length === 1 && isStructured && typeof value === 'object' ? others[0] : undefined
}

function problem(path: string, expected: string, value: unknown): Problem {
  return { path, expected, received: describeReceived(value) }
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}
