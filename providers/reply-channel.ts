// The port to the places where answers are delivered. A second kind of channel is a second implementation, and only the sender
// knows of it.

/** An answer on its way to its place. */
export interface Delivery {
  /** A receiver that has seen this key before posts nothing and answers as it did. */
  readonly idempotencyKey: string
  readonly address: string
  readonly threadId: string | null
  readonly text: string
  readonly signal: AbortSignal
  /** The first delivery of an answer is attempt 1. */
  readonly attempt: number
}

/** Delivers answers. */
export interface ReplyChannel {
  /**
   * Posts an answer and returns the channel's own id for it.
   * @throws ProviderError when the channel does not take it
   */
  readonly post: (delivery: Delivery) => Promise<string>
}
