// The answer of an outside party that is no success, in the terms of HTTP, whatever the party speaks.

/** An answer that is no success. Workers decide by `status` what is worth another attempt. */
export class ProviderError extends Error {
  readonly status: number
  /** How long the party asks to be left alone, in milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(status: number, message: string, retryAfterMs: number | null = null) {
    super(message)
    this.name = 'ProviderError'
    this.status = status
    this.retryAfterMs = retryAfterMs
  }

  get code(): string {
    return `HTTP_${this.status}`
  }
}
