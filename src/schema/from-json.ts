// Parsed JSON as typed data, with a problem for every wrong field. It takes more than toJson writes where the meaning is certain:
// 64-bit integers as strings or exact numbers, instants as ISO 8601 or milliseconds. Dates without a zone are refused: their
// meaning would depend on the machine.
import { isLeafValue } from './is-leaf-value.ts'
import type { LeafNode } from './is-leaf-value.ts'
import { defaultValue } from './default-value.ts'
import { describeReceived } from './describe-received.ts'
import { describeType } from './describe-type.ts'
import type { Problem } from './find-problems.ts'
import { isPlainObject } from './is-plain-object.ts'
import { joinPath } from './join-path.ts'
import type { Branch, RecordNode, SchemaNode, UnionNode } from './schema-node.ts'
import { setOwn } from './set-own.ts'

const maxProblems = 100
const maxDepth = 200
/** Values looked at for one document: trying the branches of nested unions could otherwise multiply without end. */
const maxSteps = 1_000_000
const instantPattern = /^(\d{4}-\d{2}-\d{2}|[+-]\d{6}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/
const dayPattern = /^\d{4}-\d{2}-\d{2}$/
const base64Pattern = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Converts JSON; `data` is only of use when there is no problem. */
export function fromJson(
  node: SchemaNode,
  json: unknown,
): { readonly data: unknown; readonly problems: readonly Problem[] } {
  const conversion = new Conversion({ steps: maxSteps })
  const data = conversion.convert(node, json, '', 0)
  return { data, problems: conversion.problems.slice(0, maxProblems) }
}

class Conversion {
  readonly problems: Problem[] = []
  readonly #budget: { steps: number }

  constructor(budget: { steps: number }) {
    this.#budget = budget
  }

  convert(node: SchemaNode, json: unknown, path: string, depth: number): unknown {
    if (this.problems.length >= maxProblems) return undefined
    this.#budget.steps -= 1
    if (this.#budget.steps < 0) return this.#refuse(path, 'a smaller document', json)
    if (depth > maxDepth) return this.#refuse(path, `nesting of at most ${maxDepth} levels`, json)
    switch (node.kind) {
      case 'array':
        if (!Array.isArray(json)) return this.#refuse(path, 'an array', json)
        return json.map((item, index) => this.convert(node.items, item, `${path}[${index}]`, depth + 1))
      case 'map': {
        if (!isPlainObject(json)) return this.#refuse(path, describeType(node), json)
        const map: Record<string, unknown> = {}
        for (const [key, item] of Object.entries(json)) {
          setOwn(map, key, this.convert(node.values, item, joinPath(path, key), depth + 1))
        }
        return map
      }
      case 'record':
        return this.#record(node, json, path, depth)
      case 'union':
        return this.#union(node, json, path, depth)
      default: {
        const value = leafFromJson(node, json)
        return isLeafValue(node, value) ? value : this.#refuse(path, describeJson(node), json)
      }
    }
  }

  #record(node: RecordNode, json: unknown, path: string, depth: number): unknown {
    if (!isPlainObject(json)) return this.#refuse(path, describeType(node), json)
    const record: Record<string, unknown> = {}
    for (const field of node.fields) {
      const item = Object.hasOwn(json, field.name) ? json[field.name] : undefined
      const isMissing = item === undefined && field.default !== undefined
      const value = isMissing
        ? defaultValue(field)
        : this.convert(field.type, item, joinPath(path, field.name), depth + 1)
      setOwn(record, field.name, value)
    }
    for (const key of Object.keys(json)) {
      if (node.fields.some((field) => field.name === key)) continue
      this.#refuse(joinPath(path, key), `no such field in ${node.name}`, json[key])
    }
    return record
  }

  #union(node: UnionNode, json: unknown, path: string, depth: number): unknown {
    const keys = isPlainObject(json) ? Object.keys(json) : []
    const wrapped = node.branches.find(({ label }) => label !== null && keys.length === 1 && keys[0] === label)
    if (wrapped !== undefined) {
      const label = wrapped.label as string
      const inner = (json as Record<string, unknown>)[label]
      return { [label]: this.convert(wrapped.type, inner, joinPath(path, label), depth + 1) }
    }
    if (json === null && node.branches.some(({ type }) => type.kind === 'null')) return null
    // The first branch that takes the value without a problem; an object without its label is recognised by its fields, when
    // they fit one branch only.
    const others = node.branches.filter(({ type }) => type.kind !== 'null')
    const only = others.length === 1 ? others[0] : undefined
    if (only !== undefined && json !== undefined) return this.convert(only.type, json, path, depth + 1)
    const fitting = others.flatMap((branch) => this.#tryBranch(branch, json, depth))
    const first = fitting[0]
    if (first !== undefined && (first.label === null || fitting.length === 1)) {
      return first.label === null ? first.data : { [first.label]: first.data }
    }
    return this.#refuse(path, describeUnion(node), json)
  }

  #tryBranch(branch: Branch, json: unknown, depth: number): { label: string | null; data: unknown }[] {
    const attempt = new Conversion(this.#budget)
    const data = attempt.convert(branch.type, json, '', depth + 1)
    return attempt.problems.length === 0 ? [{ label: branch.label, data }] : []
  }

  #refuse(path: string, expected: string, json: unknown): undefined {
    this.problems.push({ path, expected, received: describeReceived(json) })
    return undefined
  }
}

/** The typed value that JSON stands for, or anything that is not of the node when it stands for none. */
function leafFromJson(node: LeafNode, json: unknown): unknown {
  switch (node.kind) {
    case 'int':
      if (node.as === 'number') return json
      return typeof json === 'string' && dayPattern.test(json) ? dayFromJson(json) : undefined
    case 'long':
      return longFromJson(node.as, json)
    case 'float':
    case 'double':
      return json === 'NaN' || json === 'Infinity' || json === '-Infinity' ? Number(json) : json
    case 'bytes':
    case 'fixed':
      if (node.decimal !== null) return typeof json === 'number' ? String(json) : json
      return typeof json === 'string' && base64Pattern.test(json)
        ? new Uint8Array(Buffer.from(json, 'base64'))
        : undefined
    default:
      return json
  }
}

function longFromJson(as: 'bigint' | 'number' | 'millis' | 'micros', json: unknown): unknown {
  if (as === 'millis' || as === 'micros') {
    if (typeof json === 'string') {
      return instantPattern.test(json) && dayFromJson(json.slice(0, json.indexOf('T'))) !== undefined
        ? new Date(json)
        : undefined
    }
    return Number.isSafeInteger(json) ? new Date(json as number) : undefined
  }
  const integer =
    typeof json === 'string' && /^-?\d{1,20}$/.test(json)
      ? BigInt(json)
      : Number.isSafeInteger(json)
        ? BigInt(json as number)
        : null
  if (integer === null) return undefined
  return as === 'bigint' ? integer : Number(integer)
}

/** The day as midnight UTC; a day that no month has is none. */
function dayFromJson(text: string): Date | undefined {
  const day = new Date(text)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? day : undefined
}

function describeUnion(node: UnionNode): string {
  return node.branches
    .map(({ type, label }) => (label === null ? describeJson(type) : `{ "${label}": … }`))
    .join(' or ')
}

function describeJson(node: SchemaNode): string {
  switch (node.kind) {
    case 'int':
      return node.as === 'date' ? 'a day, "2026-01-31"' : 'a whole number of 32 bits'
    case 'long':
      if (node.as === 'millis' || node.as === 'micros') {
        return 'an instant in ISO 8601 with its zone, "2026-01-31T12:00:00Z", or milliseconds since 1970'
      }
      return node.as === 'bigint' ? 'a whole number of 64 bits, as a string or an exact number' : describeType(node)
    case 'bytes':
      return node.decimal === null ? 'bytes in base64' : describeType(node)
    case 'fixed':
      return node.decimal === null ? `${node.size} bytes in base64` : describeType(node)
    default:
      return describeType(node)
  }
}
