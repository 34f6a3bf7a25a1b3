// How a worker's handler says when its outside party wants to be asked again.

/** The error made by `retryAfter`. */
export class RetryAfter extends Error {
  readonly delayMs: number
  readonly code: string

  constructor(delayMs: number, code: string, detail: string) {
    super(detail)
    this.name = 'RetryAfter'
    this.delayMs = delayMs
    this.code = code
  }
}

/** The failure to throw when the outside named a waiting time, in milliseconds: it replaces the delay of the policy. */
export function retryAfter(delayMs: number, code: string, detail: string): RetryAfter {
  return new RetryAfter(delayMs, code, detail)
}
