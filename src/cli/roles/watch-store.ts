// Asks a store every few seconds whether it answers, for /health/ready: a process whose store is away gets no traffic, and is not
// restarted for it.
import { messageOf } from '../../errors/message-of.ts'
import type { HealthPart } from '../../observability/health.ts'

const everyMs = 5_000

/** Watches a store until the returned function is called; resolves after the first answer. */
export async function watchStore(part: HealthPart, ask: () => Promise<unknown>): Promise<() => void> {
  const look = async (): Promise<void> => {
    try {
      await ask()
      part.ready(true)
    } catch (error) {
      part.ready(false, messageOf(error))
    }
  }
  await look()
  const looking = setInterval(() => void look(), everyMs)
  return () => clearInterval(looking)
}
