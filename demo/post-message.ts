// Posts one message until it is accepted. The idempotency key makes a repeat safe: a post whose answer was lost with a process
// that died is answered again with the same id.
import { setTimeout as sleep } from 'node:timers/promises'

/** The body of POST /messages. */
export interface Post {
  readonly userId: string
  readonly text: string
  readonly expiresAt: string | null
}

/** A message that was accepted. */
export interface Accepted {
  readonly messageId: string
  /** From the last attempt's request to its 202, in milliseconds. */
  readonly acceptMs: number
}

/** How long a post is tried again, in milliseconds. */
const patienceMs = 60_000

/** Posts a message; throws when it is refused, or not accepted within a minute. */
export async function postMessage(url: string, key: string, post: Post): Promise<Accepted> {
  const begunAt = performance.now()
  let last = ''
  while (performance.now() - begunAt < patienceMs) {
    const sentAt = performance.now()
    try {
      const response = await fetch(`${url}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(post),
        signal: AbortSignal.timeout(20_000),
      })
      const body = await response.text()
      if (response.status === 202) {
        const { ids } = JSON.parse(body) as { ids: readonly string[] }
        return { messageId: ids[0] ?? '', acceptMs: performance.now() - sentAt }
      }
      last = `${response.status} ${body}`
      if (response.status < 500 && response.status !== 429) break
    } catch (error) {
      last = String(error)
    }
    await sleep(200)
  }
  throw new Error(`message ${key} was not accepted: ${last}`)
}
