// The error of a query that asks for something that is not there.
import type { FieldProblem } from '../errors/field-problem.ts'
import { MillraceError } from '../errors/millrace-error.ts'

/** Makes the error that names every wrong parameter. */
export function queryProblem(problems: readonly FieldProblem[]): MillraceError {
  const [first] = problems
  const message =
    problems.length === 1 && first !== undefined
      ? `${first.field}: ${first.detail}.`
      : `${problems.length} parameters are wrong.`
  return new MillraceError('MILLRACE_QUERY_INVALID', message, { context: { problems } })
}
