// One member of a consumer's group, as the port's handler: takes partitions over, hands batches to their runners, and carries
// out what is asked of parked events in between.
//
//   member:     running ──stopping()──▶ stopping ──stopped()──▶ stopped
//   partition:  (not owned) ──assigned──▶ loading ──claimed──▶ a runner's states (partition-commits.ts) ──revoked──▶ (not owned)
//
// Partition n of every topic is one unit of ownership: it shares a lock, and it is claimed in one statement, so that two members
// never hold one topic each of a row that both feed.
import { IdLog, eachId, type IdRow } from '../checkpoint/id-log.ts'
import { IdWindow } from '../checkpoint/id-window.ts'
import type { Checkpoint, Counts } from '../checkpoint/checkpoint.ts'
import type { PostgresCheckpoints } from '../checkpoint/postgres-checkpoints.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { backOffMs } from '../kafka/back-off-ms.ts'
import type { BatchOutcome, FetchedBatch, GroupHandler, KafkaPort } from '../kafka/kafka-port.ts'
import type { Position, TopicPartition } from '../kafka/record.ts'
import type { Metrics } from '../observability/create-metrics.ts'
import { ParkedKeys, parkingKey } from '../parking/parked-keys.ts'
import type { ParkedKeyCount, PostgresParking } from '../parking/postgres-parking.ts'
import type { PartitionPhase, PartitionSurroundings } from './partition-commits.ts'
import { PartitionRunner } from './partition-runner.ts'
import { runParked } from './run-parked.ts'
import { SerialLock } from './serial-lock.ts'

export interface MemberSurroundings extends Omit<PartitionSurroundings, 'committed' | 'checkpoints'> {
  /** By their names on the cluster. */
  readonly topics: ReadonlyMap<string, AnyTopic>
  readonly checkpoints: PostgresCheckpoints
  readonly parking: PostgresParking
  readonly kafka: Pick<KafkaPort, 'admin'>
  readonly metrics: Pick<Metrics, 'consumed' | 'batchSeconds' | 'lag'>
}

/** What a member does now, for health, lag and the console. */
export interface ConsumerStatus {
  readonly consumer: string
  readonly state: 'running' | 'stopping' | 'stopped'
  readonly partitions: readonly PartitionStatus[]
}

export interface PartitionStatus extends TopicPartition {
  readonly next: bigint
  readonly phase: PartitionPhase
  /** The outage that it waits for, or null. */
  readonly waitingFor: string | null
  /** Keys with parked events. */
  readonly parkedKeys: number
}

interface Owned {
  readonly runner: PartitionRunner
  /** Aborted when the assignment is over. */
  readonly signal: AbortSignal
  /** Keys whose first parked event is only behind. */
  readonly orphans: Set<string>
  /** Records between it and the end of the log, at its last batch. */
  lag: number
}

interface Watermark {
  readonly low: bigint
  readonly high: bigint
}

export class ConsumerMember implements GroupHandler {
  readonly #with: MemberSurroundings
  readonly #owned = new Map<string, Owned>()
  readonly #locks = new Map<number, SerialLock>()
  readonly #stop = new AbortController()
  #state: ConsumerStatus['state'] = 'running'

  constructor(surroundings: MemberSurroundings) {
    this.#with = surroundings
  }

  get topicNames(): readonly string[] {
    return [...this.#with.topics.keys()]
  }

  async assigned(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<readonly Position[]> {
    const numbers = [...new Set(partitions.map(({ partition }) => partition))].sort((a, b) => a - b)
    const wanted = new Map(partitions.map((at) => [nameOf(at), at]))
    // A sibling that is owned already is claimed again with it: both move to the new epochs, or a rival could hold one of them.
    for (const { runner } of this.#owned.values()) {
      const at = { topic: runner.commits.topicName, partition: runner.commits.partition }
      if (numbers.includes(at.partition)) wanted.set(nameOf(at), at)
    }
    await this.#locked(numbers, () => this.#claim([...wanted.values()], signal))
    const positions: Position[] = []
    for (const { topic, partition } of partitions) {
      const owned = this.#owned.get(nameOf({ topic, partition }))
      if (owned === undefined || signal.aborted || owned.runner.commits.phase === 'stopped') continue
      positions.push({ topic, partition, offset: owned.runner.commits.next })
    }
    return positions
  }

  async batch(batch: FetchedBatch, signal: AbortSignal): Promise<BatchOutcome> {
    return this.#lock(batch.partition).run(async () => {
      const owned = this.#owned.get(nameOf(batch))
      if (owned === undefined) return { kind: 'aborted' }
      const { consumer, metrics } = this.#with
      const ended = metrics.batchSeconds.startTimer({ consumer })
      const outcome = await this.#run(owned.runner, batch, signal)
      ended()
      if (outcome.kind === 'committed') {
        owned.lag = Number(batch.highWatermark - outcome.next)
        let lag = 0
        for (const other of this.#owned.values()) if (other.runner.commits.topicName === batch.topic) lag += other.lag
        metrics.lag.set({ consumer, topic: batch.topic }, lag)
      }
      return outcome
    })
  }

  /** Nothing may leave a batch: the client would give up for good. Whatever comes, the partition is taken again and goes on. */
  async #run(runner: PartitionRunner, batch: FetchedBatch, signal: AbortSignal): Promise<BatchOutcome> {
    try {
      return await runner.run(batch, signal)
    } catch (error) {
      runner.commits.phase = 'fenced'
      this.#with.logger.error({ ...runner.commits.place, err: error }, 'a batch failed in a way nobody foresaw')
      await runner.commits.wait(error, 4, signal)
      return { kind: signal.aborted ? 'aborted' : 'fenced' }
    }
  }

  revoked(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#owned.delete(nameOf(at))
  }

  /** Looks for parked events that are asked for or due, until the member stops. Resolves then; it never rejects. */
  async runParkedRounds(everyMs: number): Promise<void> {
    const { clock, logger } = this.#with
    while (!this.#stop.signal.aborted) {
      try {
        await this.runParkedWork()
      } catch (error) {
        logger.warn({ err: error }, 'parked events could not be looked for; trying again')
      }
      await clock.sleep(everyMs, this.#stop.signal)
    }
  }

  stopping(): void {
    this.#state = 'stopping'
    this.#stop.abort()
  }

  stopped(): void {
    this.#state = 'stopped'
    this.#owned.clear()
  }

  status(): ConsumerStatus {
    const partitions = [...this.#owned.values()].map(({ runner }) => ({
      topic: runner.commits.topicName,
      partition: runner.commits.partition,
      next: runner.commits.next,
      phase: runner.commits.phase,
      waitingFor: runner.commits.waitingFor,
      parkedKeys: runner.commits.parked.size,
    }))
    return { consumer: this.#with.consumer, state: this.#state, partitions }
  }

  async #claim(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<void> {
    const { checkpoints, parking, strategy, clock, logger } = this.#with
    // Taken once: each claim counts as a start without progress.
    let claimed: readonly Checkpoint[] | null = null
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        claimed ??= await checkpoints.claim(partitions)
        await strategy.claimed?.(partitions)
        const [ids, keys, watermarks] = await Promise.all([
          checkpoints.loadIds(partitions),
          parking.loadKeys(partitions),
          this.#watermarks(partitions),
        ])
        // What was not given is not owned: a version of a projection that is no longer live gets nothing.
        for (const at of partitions) this.#owned.delete(nameOf(at))
        for (const checkpoint of claimed) this.#own(checkpoint, ids, keys, watermarks, signal)
        return
      } catch (error) {
        const waitMs = backOffMs(failures)
        logger.warn({ err: error, waitMs }, 'partitions could not be taken over; trying again')
        await clock.sleep(waitMs, AbortSignal.any([signal, this.#stop.signal]))
        if (this.#stop.signal.aborted) return
      }
    }
  }

  #own(
    checkpoint: Checkpoint,
    ids: ReadonlyMap<string, readonly IdRow[]>,
    keys: readonly ParkedKeyCount[],
    watermarks: ReadonlyMap<string, Watermark>,
    signal: AbortSignal,
  ): void {
    const topic = this.#with.topics.get(checkpoint.topic)
    if (topic === undefined) return
    const parked = new ParkedKeys()
    const orphans = new Set<string>()
    for (const { key, count, orphaned, ...at } of keys) {
      const name = parkingKey(key)
      if (name === null || nameOf(at) !== nameOf(checkpoint)) continue
      parked.change(name, count)
      if (orphaned) orphans.add(name)
    }
    const mark = watermarks.get(nameOf(checkpoint))
    // A consumer that has read nothing yet begins where the log does.
    const isNew = checkpoint.revision === 0n && checkpoint.next === 0n
    const next = isNew && mark !== undefined ? mark.low : checkpoint.next
    const runner = new PartitionRunner(
      {
        topic,
        checkpoint,
        next,
        parked,
        ids: topic.cleanup === 'compact' ? null : loadWindow(ids.get(nameOf(checkpoint))),
      },
      { ...this.#with, committed: (counts) => this.#count(counts) },
    )
    const wrong = wrongLog(next, mark, topic)
    if (wrong !== null) {
      runner.commits.phase = 'stopped'
      const error = new MillraceError('MILLRACE_LOG_REPLACED', stoppedMessage(this.#with.consumer, checkpoint, wrong))
      this.#with.logger.error(
        { err: error, topic: checkpoint.topic, partition: checkpoint.partition },
        'partition stopped',
      )
    }
    this.#owned.set(nameOf(checkpoint), { runner, signal, orphans, lag: 0 })
  }

  async #watermarks(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, Watermark>> {
    const found = new Map<string, Watermark>()
    for (const topic of new Set(partitions.map((at) => at.topic))) {
      const marks = await this.#with.kafka.admin.watermarks(topic)
      const expected = this.#with.topics.get(topic)?.partitions
      if (expected !== marks.length) {
        throw new MillraceError(
          'MILLRACE_PARTITION_COUNT',
          `${topic} has ${marks.length} partitions on the cluster and ${expected} in its definition: keys would lie elsewhere. ` +
            'Put the definition back, or move the events to a new topic.',
          { context: { consumer: this.#with.consumer, topic } },
        )
      }
      for (const { partition, low, high } of marks) found.set(nameOf({ topic, partition }), { low, high })
    }
    return found
  }

  /** Runs parked events that are asked for or due. Rejects when the database cannot be asked. */
  async runParkedWork(): Promise<void> {
    const owned = [...this.#owned.entries()].filter(
      ([, { runner }]) => runner.commits.phase !== 'stopped' && !runner.commits.isTrying,
    )
    if (owned.length === 0) return
    const partitions = owned.map(([, { runner }]) => ({
      topic: runner.commits.topicName,
      partition: runner.commits.partition,
    }))
    const { parking, decoder, clock } = this.#with
    const requested = new Set((await parking.findRequested(partitions, clock.now())).map(nameOf))
    for (const [name, { orphans, runner }] of owned) {
      if (!requested.has(name) && orphans.size === 0) continue
      const at = { topic: runner.commits.topicName, partition: runner.commits.partition }
      const fenced = await this.#lock(runner.commits.partition).run(async () => {
        const now = this.#owned.get(name)
        if (now === undefined || now.runner.commits.phase === 'stopped') return null
        if (now.runner.commits.phase === 'fenced') return now.signal
        const signal = AbortSignal.any([now.signal, this.#stop.signal])
        const ended = await runParked(now.runner, { parking, decoder, now: () => clock.now() }, now.orphans, signal)
        return ended === 'fenced' ? now.signal : null
      })
      // A quiet partition brings no batch that would have it claimed again.
      if (fenced !== null && !fenced.aborted) await this.assigned([at], fenced)
    }
  }

  #count(counts: Counts): void {
    const { consumer, metrics } = this.#with
    for (const outcome of ['applied', 'repeated', 'filtered', 'parked'] as const) {
      if (counts[outcome] > 0) metrics.consumed.inc({ consumer, outcome }, counts[outcome])
    }
  }

  #lock(partition: number): SerialLock {
    let lock = this.#locks.get(partition)
    if (lock === undefined) this.#locks.set(partition, (lock = new SerialLock()))
    return lock
  }

  /** Holds the locks of several partitions, taken in ascending order. */
  #locked<Result>(numbers: readonly number[], work: () => Promise<Result>): Promise<Result> {
    const [first, ...others] = numbers
    if (first === undefined) return work()
    return this.#lock(first).run(() => this.#locked(others, work))
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`
}

function loadWindow(rows: readonly IdRow[] = []): { readonly window: IdWindow; readonly log: IdLog } {
  const window = new IdWindow()
  for (const row of rows) eachId(row, (words, offset) => window.note(words, 0, offset))
  return { window, log: new IdLog(rows) }
}

function wrongLog(next: bigint, mark: Watermark | undefined, topic: AnyTopic): string | null {
  if (mark === undefined) return `the cluster has no such partition, and the definition has ${topic.partitions}`
  if (next < mark.low) return `the log begins at ${mark.low}: records that were not read are gone`
  if (next > mark.high) return `the log ends at ${mark.high}: it was cut, or the topic was made anew`
  return null
}

function stoppedMessage(consumer: string, { topic, partition, next }: Checkpoint, wrong: string): string {
  return (
    `${consumer} stopped reading ${topic}[${partition}] at offset ${next}, because ${wrong}. Nothing was skipped. ` +
    `Restore the log, or make the projection anew from what there is: millrace rebuild --accept-loss.`
  )
}
