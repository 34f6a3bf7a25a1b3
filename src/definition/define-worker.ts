// A worker: events to effects. Slow and failing outside work with a policy for time, repetition and failure, and an outcome.
import type { AnyTopic, EventNamed, EventNameOf, EventsOf } from './define-topic.ts'
import type { Emission } from './send.ts'

/** What a worker's handler gets beside the event. */
export interface WorkerContext {
  /** Aborted when the time is up, the process shuts down or the partition is lost. Hand it to fetch. */
  readonly signal: AbortSignal
  /** The first run of an event is attempt 1. */
  readonly attempt: number
  /** Stable over retries, restarts and processes: give it to the receiver of an effect, so that a repeat takes effect once. */
  readonly idempotencyKey: string
  /** The clock, so that a handler can be tested. */
  readonly now: () => Date
  /** Writes a log line that carries consumer, event id and correlation id. */
  readonly log: (message: string, details?: Readonly<Record<string, unknown>>) => void
}

/** Why an event of a worker came to its end without success. */
export interface WorkerFailure {
  /**
   * `permanent`: the handler said that no retry can help; `exhausted`: all attempts failed, and the event is parked;
   * `expired`: its time had passed before it ran.
   */
  readonly reason: 'permanent' | 'exhausted' | 'expired'
  /** The error's code: what `permanent(code, …)` named, else the error's own `code` or name. */
  readonly code: string
  readonly detail: string
  readonly attempts: number
  readonly failedAt: Date
  /** Where the parked event lies, when it was parked. */
  readonly parkedAt: { readonly topic: string; readonly partition: number; readonly offset: bigint } | null
}

export interface WorkerOptions<Topics extends AnyTopic, To extends AnyTopic, Ignored extends string> {
  /** Kebab case, the name of the file; part of the consumer group, of the checkpoint and of the ids of its output events. */
  readonly name: string
  /** A new version starts from the beginning of its topics with a group of its own (default: 1). */
  readonly version?: number
  /** The topics whose events are work for it. */
  readonly from: readonly Topics[]
  /** The topics it may send outcomes to. */
  readonly to?: readonly To[]
  /**
   * Event names of `from` that it has no use for. Any other event without a handler is parked. Tombstones of compacted topics
   * are no work and never reach a worker.
   */
  readonly ignore?: readonly Ignored[]
  /** How many handlers run at once in one process, each for another key (default: 25). */
  readonly concurrency?: number
  /** How long one attempt may take, in milliseconds, before its signal is aborted and it counts as failed (default: 30,000). */
  readonly timeoutMs?: number
  /** Waiting times before the second, third … attempt, in milliseconds, each with jitter; empty: never tried again (default: 1 s, 5 s, 30 s). */
  readonly retryDelaysMs?: readonly number[]
  /** After this moment the event is not run and fails as `expired` (default: the `ce_expiresat` header). */
  readonly expiresAt?: (event: Exclude<EventsOf<Topics>, { type: Ignored }>) => Date | null
  /** One function per event name: does the work and returns what to send. Later events of the same key wait for it. */
  readonly handle: {
    readonly [Name in Exclude<EventNameOf<Topics>, Ignored>]: (
      event: EventNamed<Topics, Name>,
      context: WorkerContext,
    ) => Promise<readonly Emission<To>[]> | readonly Emission<To>[]
  }
  /**
   * Answers an event that failed: what it returns is sent, and a `permanent` or `expired` event then counts as done.
   * Without it such an event is parked. An `exhausted` event is parked in either case.
   */
  readonly failed?: (
    event: Exclude<EventsOf<Topics>, { type: Ignored }>,
    failure: WorkerFailure,
  ) => readonly Emission<To>[]
}

/** A worker's definition. */
export interface Worker {
  readonly kind: 'worker'
  readonly name: string
  readonly version: number
  readonly from: readonly AnyTopic[]
  readonly to: readonly AnyTopic[]
  readonly ignore: readonly string[]
  readonly concurrency: number
  readonly timeoutMs: number
  readonly retryDelaysMs: readonly number[]
  readonly expiresAt: ((event: never) => Date | null) | null
  readonly handle: Readonly<
    Record<
      string,
      ((event: never, context: WorkerContext) => Promise<readonly Emission[]> | readonly Emission[]) | undefined
    >
  >
  readonly failed: ((event: never, failure: WorkerFailure) => readonly Emission[]) | null
}

/** Defines a worker. Inert: nothing is read or run. */
export function defineWorker<
  Topics extends AnyTopic,
  To extends AnyTopic = never,
  const Ignored extends EventNameOf<Topics> = never,
>(options: WorkerOptions<Topics, To, Ignored>): Worker {
  return Object.freeze({
    kind: 'worker',
    name: options.name,
    version: options.version ?? 1,
    from: options.from,
    to: options.to ?? [],
    ignore: options.ignore ?? [],
    concurrency: options.concurrency ?? 25,
    timeoutMs: options.timeoutMs ?? 30_000,
    retryDelaysMs: options.retryDelaysMs ?? [1_000, 5_000, 30_000],
    expiresAt: options.expiresAt ?? null,
    handle: options.handle,
    failed: options.failed ?? null,
  })
}
