// What one check of `millrace doctor` found. A type only: checks are functions that give back findings and never throw for what
// they look at.

/** `warn` is worth a look and may be meant so; `fail` is not well. */
export interface Finding {
  /** What was looked at: `topic domain.entity`. */
  readonly subject: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do; for everything that is not ok. */
  readonly fix?: string
}
