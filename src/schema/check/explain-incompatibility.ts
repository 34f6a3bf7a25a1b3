// From Avro's incompatibilities to what a person needs: which rule, who fails on what, what to do instead. The same
// incompatibility means opposite changes in the two directions: a field that lacks a default was added, or was removed.
import type { CompatibilityFinding } from '../../../embedded/registry/compatibility/check-compatibility.ts'
import type { SchemaRule } from './schema-finding.ts'

export interface Explanation {
  readonly rule: SchemaRule
  readonly message: string
  readonly breaks: string
  readonly fix: string
}

const OLD_DATA = 'old data: consumers with this schema cannot read events that were written before'
const OLD_CONSUMERS = 'old consumers: those that still run the schema of before cannot read events written from now on'

/** Says what an incompatibility means for the present schema. */
export function explainIncompatibility(finding: CompatibilityFinding): Explanation {
  const isBackward = finding.direction === 'BACKWARD'
  return { ...explain(finding, isBackward), breaks: isBackward ? OLD_DATA : OLD_CONSUMERS }
}

function explain(finding: CompatibilityFinding, isBackward: boolean): Omit<Explanation, 'breaks'> {
  const { type, message } = finding
  const [now, before] = isBackward ? [finding.reader, finding.writer] : [finding.writer, finding.reader]
  switch (type) {
    case 'READER_FIELD_MISSING_DEFAULT_VALUE':
      return isBackward
        ? {
            rule: 'field-without-default',
            message: `the field "${message}" is new and has no default`,
            fix: `give the field a default (for one that may be absent: "type": ["null", …], "default": null), or, if it was renamed, add its old name to "aliases"`,
          }
        : {
            rule: 'field-removed',
            message: `the field "${message}" is gone, and was required`,
            fix: 'keep the field; to remove it, give it a default first and wait until every consumer runs that version',
          }
    case 'READER_FIELD_AMBIGUOUS':
      return {
        rule: 'alias-ambiguous',
        message: `the field ${message}`,
        fix: 'remove the alias that is a field of its own',
      }
    case 'NAME_MISMATCH':
      return {
        rule: 'name-changed',
        message: `the type is named ${nameOf(now)} and was ${nameOf(before)}`,
        fix: isBackward
          ? `add "${nameOf(before)}" to the "aliases" of ${nameOf(now)}`
          : `keep the name ${nameOf(before)}`,
      }
    case 'FIXED_SIZE_MISMATCH':
      return {
        rule: 'fixed-size-changed',
        message: `the size of the fixed type changed (${message})`,
        fix: 'keep the size; add a new field with a new fixed type beside this one',
      }
    case 'MISSING_ENUM_SYMBOLS':
      return isBackward
        ? {
            rule: 'enum-symbols-removed',
            message: `the symbols ${message} are gone`,
            fix: 'keep the symbols, or give the enum a "default" that stands for those that are gone',
          }
        : {
            rule: 'enum-symbols-added',
            message: `the symbols ${message} are new, and the enum had no default`,
            fix: 'give the enum a "default" first, and add the symbols when every consumer runs that version',
          }
    case 'MISSING_UNION_BRANCH':
      return isBackward
        ? {
            rule: 'union-branch-removed',
            message: `a branch of the union is gone (${message})`,
            fix: 'keep the branch',
          }
        : {
            rule: 'union-branch-added',
            message: `a branch of the union is new (${message})`,
            fix: 'add a new field with a default beside this one; consumers of before ignore it',
          }
    default:
      return {
        rule: 'type-changed',
        message: `the type is ${now.type} and was ${before.type}`,
        fix: isBackward
          ? 'keep the type, or widen it (int to long, float, double; string and bytes; any type to a union that holds it); else add a new field with a default'
          : 'keep the type; add a new field with a default beside this one',
      }
  }
}

function nameOf(schema: CompatibilityFinding['reader']): string {
  return 'name' in schema ? schema.name : schema.type
}
