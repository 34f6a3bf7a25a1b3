// One wrong place of a request, a batch or a definition, told to whoever sent it. Errors carry a list of them as `problems`.

/** One wrong place. */
export interface FieldProblem {
  /** Where: `data.lines[2].price`, `[3].id` in a batch, the name of a query parameter. */
  readonly field: string
  /** What was expected and what was received. */
  readonly detail: string
}
