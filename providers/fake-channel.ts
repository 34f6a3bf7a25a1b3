// A reply channel without a network: a mailbox that takes everything. Its faults are drawn from the seed and end with the
// second attempt; its ids derive from the idempotency key, as those of a receiver that honours it.
import { draw } from './draw.ts'
import { ProviderError } from './provider-error.ts'
import type { ReplyChannel } from './reply-channel.ts'

export interface FakeChannelOptions {
  /** Two channels with one seed refuse the same deliveries. */
  readonly seed: string
  /** Whether deliveries are refused at all. */
  readonly faults: boolean
}

/** Makes a fake channel. */
export function fakeChannel({ seed, faults }: FakeChannelOptions): ReplyChannel {
  return {
    post: ({ idempotencyKey, attempt }) => {
      if (faults && attempt === 1 && draw(seed, 'channel', idempotencyKey) < 0.02)
        return Promise.reject(new ProviderError(429, 'too many posts', 100))
      return Promise.resolve(`mail-${idempotencyKey}`)
    },
  }
}
