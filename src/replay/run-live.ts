// Runs a projection's consumer only while its version is the live one. Correctness does not hang on it, because a version that is
// not live is given no partition; this ends and starts members in time, and says why one idles.
//
//   idle ──its version is live──▶ running ──another version is live──▶ idle
//                                 running ──rolled back──▶ running anew: checkpoints moved back, and members must ask again
import type { Clock } from '../consumer/clock.ts'
import type { RunningConsumer } from '../consumer/start-consumer.ts'
import type { Database } from '../database/database.ts'
import type { Logger } from '../observability/logger.ts'
import { readLiveVersion, type LiveVersion } from './live-version.ts'

export interface LiveOptions {
  readonly projection: { readonly name: string; readonly version: number }
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  /** Starts a member of its group. */
  readonly start: () => Promise<RunningConsumer>
  /** How often the live version is looked at, in milliseconds (default: 500). */
  readonly everyMs?: number
}

/** Starts looking after the consumer; resolves after the first look. */
export async function runLive(options: LiveOptions): Promise<Pick<RunningConsumer, 'stop' | 'failed'>> {
  const { projection, clock, logger, everyMs = 500 } = options
  const stopping = new AbortController()
  let running: { readonly consumer: RunningConsumer; readonly revision: bigint } | null = null
  let idleFor: number | null = null
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => (fail = reject))
  failed.catch(() => undefined)

  async function follow(live: LiveVersion): Promise<void> {
    const isLive = live.version === projection.version
    if (running !== null && (!isLive || live.revision !== running.revision)) {
      const { consumer } = running
      running = null
      await consumer.stop()
      logger.info({ projection: projection.name, live: live.version }, 'the live version changed; the member left')
    }
    if (isLive && running === null) {
      const consumer = await options.start()
      running = { consumer, revision: live.revision }
      idleFor = null
      consumer.failed.catch(fail)
    }
    if (!isLive && idleFor !== live.version) {
      idleFor = live.version
      const reason = `version ${live.version} is live: run \`millrace rebuild ${projection.name}\` to make version ${projection.version} the live one`
      logger.warn({ projection: projection.name, version: projection.version, live: live.version }, `idle: ${reason}`)
    }
  }

  const look = async (): Promise<void> =>
    follow(await readLiveVersion(options.database, projection.name, projection.version))
  const looking = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(everyMs, stopping.signal)
      if (stopping.signal.aborted) return
      await look().catch((error: unknown) => {
        logger.warn({ err: error, projection: projection.name }, 'the live version cannot be read now; trying again')
      })
    }
  }
  await look()
  const ended = looking()
  return {
    failed,
    async stop() {
      stopping.abort()
      await ended
      await running?.consumer.stop()
    },
  }
}
