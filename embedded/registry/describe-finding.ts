// The sentences of an incompatible schema, in the form that clients of other registries know: the kind of error, what differs
// and where, the detail.
import type { CompatibilityFinding } from './compatibility/check-compatibility.ts'

/** One finding as text: `{errorType:'…', description:'…', additionalInfo:'…'}`. */
export function describeFinding(finding: CompatibilityFinding): string {
  const description = sentence(finding)
  return `{errorType:'${finding.type}', description:'${description}', additionalInfo:'${finding.message}'}`
}

function sentence({ type, message, path, direction }: CompatibilityFinding): string {
  const [reader, writer] = direction === 'BACKWARD' ? ['new', 'old'] : ['old', 'new']
  switch (type) {
    case 'NAME_MISMATCH':
      return `The name of the schema has changed (path '${path}')`
    case 'FIXED_SIZE_MISMATCH':
      return `The size of FIXED type field at path '${path}' in the ${reader} schema does not match with the ${writer} schema`
    case 'MISSING_ENUM_SYMBOLS':
      return `The ${reader} schema is missing enum symbols '${message}' at path '${path}' in the ${writer} schema`
    case 'MISSING_UNION_BRANCH':
      return `The ${reader} schema is missing a type inside a union field at path '${path}' in the ${writer} schema`
    case 'READER_FIELD_MISSING_DEFAULT_VALUE':
      return `The field '${message}' at path '${path}' in the ${reader} schema has no default value and is missing in the ${writer} schema`
    case 'READER_FIELD_AMBIGUOUS':
      return `The field at path '${path}' in the ${reader} schema matches several fields of the ${writer} schema by its aliases`
    default:
      return `The type (path '${path}') of a field in the ${reader} schema does not match with the ${writer} schema`
  }
}
