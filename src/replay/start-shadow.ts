// A rebuild at work: the same engine as the live consumer's, with shadow tables, a checkpoint and a group of its own. It may be
// stopped at any moment and started again: it goes on from its checkpoint.
import { startConsumer, type ConsumerOptions, type RunningConsumer } from '../consumer/start-consumer.ts'
import type { Models } from '../database/model.ts'
import type { Projection } from '../definition/define-projection.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { ProjectionStrategy } from '../projection/projection-strategy.ts'
import type { PostgresRebuilds } from './postgres-rebuilds.ts'
import { hasPassed, rebuildProgress, type RebuildPartition, type RebuildProgress } from './rebuild-progress.ts'
import { replaySchemas, shadowConsumer } from './replay-names.ts'

export interface ShadowOptions extends Pick<
  ConsumerOptions,
  'app' | 'kafka' | 'database' | 'decoder' | 'logger' | 'metrics' | 'clock'
> {
  readonly projection: Projection
  readonly models: Models
  readonly rebuilds: Pick<PostgresRebuilds, 'renew'>
  /** Who holds the rebuild. */
  readonly owner: string
  /** Told every quarter of a second. */
  readonly onProgress: (progress: RebuildProgress) => void
}

export interface Shadow {
  /**
   * Resolves with true when the rebuild has read what there is, with false when the signal was aborted.
   * @throws MillraceError `MILLRACE_REBUILD_LOST` when somebody else took the rebuild up
   */
  untilCaughtUp(signal: AbortSignal): Promise<boolean>
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 250
/** Records at the end of a partition may be invisible to readers, and no checkpoint ever passes them. */
const STILL_MS = 5_000

/** Starts it. */
export async function startShadow(options: ShadowOptions): Promise<Shadow> {
  const { projection, models, database, app, owner, rebuilds, clock, logger, onProgress } = options
  const consumerId = shadowConsumer(projection.name, projection.version)
  const consumer = await startConsumer({
    ...options,
    definition: projection,
    strategy: new ProjectionStrategy(projection, { models, database, consumerId, schema: replaySchemas.next }),
    consumerId,
    groupId: shadowGroup(app, projection),
  })
  // Looked at while somebody waits; a failure before that must not end the process.
  consumer.failed.catch(() => undefined)
  return {
    stop: () => consumer.stop(),
    async untilCaughtUp(signal) {
      let earlier: readonly RebuildPartition[] | null = null
      let stillSince = clock.now().getTime()
      while (!signal.aborted) {
        try {
          if (!(await rebuilds.renew(owner))) throw lost(projection.name)
          const now = await readPartitions(options, consumerId)
          onProgress(rebuildProgress(now))
          if (earlier !== null && hasPassed(earlier, now)) return true
          if (earlier === null || hasMoved(earlier, now)) stillSince = clock.now().getTime()
          else if (clock.now().getTime() - stillSince > STILL_MS && isResting(consumer, now.length)) return true
          earlier = now
        } catch (error) {
          if (!(error instanceof MillraceError && error.retriable)) throw error
          logger.warn({ err: error }, 'how far the rebuild is cannot be told now; it goes on')
        }
        await Promise.race([clock.sleep(LOOK_EVERY_MS, signal), consumer.failed])
      }
      return false
    },
  }
}

/** The group of a rebuild; it is of no use when the rebuild has ended. */
export function shadowGroup(app: string, { name, version }: Projection): string {
  return `${app}.${shadowConsumer(name, version)}`
}

async function readPartitions(
  { projection, kafka, database }: ShadowOptions,
  consumerId: string,
): Promise<readonly RebuildPartition[]> {
  const rows = await database.query<{ topic: string; partition: number; next: bigint }>(
    'SELECT topic, partition, next_offset AS next FROM millrace.checkpoint WHERE consumer = $1',
    consumerId,
  )
  const next = new Map(rows.map((row) => [`${row.topic} ${row.partition}`, row.next]))
  const marks = await Promise.all(
    projection.from.map(async ({ name }) =>
      (await kafka.admin.watermarks(name)).map((mark) => ({ ...mark, topic: name })),
    ),
  )
  return marks.flat().map((mark) => ({ ...mark, next: next.get(`${mark.topic} ${mark.partition}`) ?? 0n }))
}

function hasMoved(earlier: readonly RebuildPartition[], now: readonly RebuildPartition[]): boolean {
  return rebuildProgress(earlier).done !== rebuildProgress(now).done
}

function isResting(consumer: RunningConsumer, partitions: number): boolean {
  const status = consumer.status()
  return (
    status.partitions.length === partitions &&
    status.partitions.every(({ phase, waitingFor }) => phase === 'idle' && waitingFor === null)
  )
}

function lost(projection: string): MillraceError {
  return new MillraceError(
    'MILLRACE_REBUILD_LOST',
    `The rebuild of ${projection} is no longer in these hands: another process took it up, or it was abandoned.`,
  )
}
