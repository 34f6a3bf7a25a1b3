// What `millrace schemas check` reports and what it is given. Types only; a list of findings is its own JSON form.

/** A .avsc file: its path as the user writes it, and its text. */
export interface SchemaFile {
  readonly file: string
  readonly text: string
}

/** A schema of before, from git or from a registry. */
export interface BaselineSchema {
  /** Where it is from, for the reader: `main:schemas/x.avsc`, `subject a-topic-a.Record version 3`. */
  readonly origin: string
  readonly text: string
  /** Texts of the schemas that this one names, those first that others need (default: the other schemas of the baseline). */
  readonly references?: readonly string[]
}

export type SchemaRule =
  | 'invalid-schema'
  | 'schema-removed'
  | 'field-without-default'
  | 'field-removed'
  | 'alias-ambiguous'
  | 'type-changed'
  | 'name-changed'
  | 'fixed-size-changed'
  | 'enum-symbols-removed'
  | 'enum-symbols-added'
  | 'union-branch-removed'
  | 'union-branch-added'
  | 'decimal-changed'
  | 'time-unit-changed'
  | 'logical-type-changed'
  | 'ambiguous-union'
  | 'enum-without-default'

export interface SchemaFinding {
  readonly rule: SchemaRule
  /** An error is a change that breaks somebody; a warning is one that will be hard to make later. */
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** From 1: the line where the path lies, or the nearest line around it. */
  readonly line: number
  /** JSON pointer into the file's schema, through names to their definitions. */
  readonly path: string
  readonly message: string
  /** Who fails, and on what. */
  readonly breaks: string
  /** What to do instead. */
  readonly fix: string
  /** What it was compared with; absent where the schema alone is at fault. */
  readonly against?: string
}
