// One error class for everything Millrace raises on purpose. A code names the page section in docs/errors.md; `retriable`
// decides whether a consumer pauses and tries again or parks the event; the message says what failed, where, and what to do.

/** Where an error happened; every part that is known is set. */
export interface ErrorContext {
  readonly consumer?: string
  readonly topic?: string
  readonly partition?: number
  readonly offset?: bigint
  readonly field?: string
  readonly [detail: string]: unknown
}

export interface MillraceErrorOptions {
  /** What to do is known to help: the same call may succeed later (default: false). */
  readonly retriable?: boolean
  /** Where it happened (default: empty). */
  readonly context?: ErrorContext
  /** The error below it (default: none). */
  readonly cause?: unknown
}

/** An error with a stable code, raised for everything that Millrace refuses or cannot do. */
export class MillraceError extends Error {
  /** `MILLRACE_…`, a section of docs/errors.md. */
  readonly code: string
  /** Whether the same call may succeed later. */
  readonly retriable: boolean
  /** Where it happened; empty when nothing is known. */
  readonly context: ErrorContext

  constructor(code: string, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MillraceError'
    this.code = code
    this.retriable = options.retriable ?? false
    this.context = options.context ?? {}
  }
}
