// when/then for workers, without a broker: one event, one attempt, and what the worker sends at its end.
import { AssertionError } from 'node:assert'
import type { Worker, WorkerContext, WorkerFailure } from '../definition/define-worker.ts'
import type { Event } from '../definition/event-type.ts'
import { PermanentFailure } from '../definition/permanent.ts'
import type { Emission } from '../definition/send.ts'
import { compareEmissions } from './compare-emissions.ts'
import { specEvent } from './spec-event.ts'

/** What a test may say of the attempt. */
export interface WorkerSpecContext {
  /** Which attempt it is (default: 1). */
  readonly attempt?: number
  /** The clock (default: 2026-01-01T00:00:00Z). */
  readonly now?: () => Date
  /** Default: the event's id. */
  readonly idempotencyKey?: string
  /** Default: never aborted. */
  readonly signal?: AbortSignal
}

export interface WorkerSpec {
  /** The event in question. */
  readonly when: (
    event: Emission,
    context?: WorkerSpecContext,
  ) => {
    /**
     * Compares what is sent when the event comes to its end: by the handler, or by `failed` where the handler says that the
     * failure is permanent or the event has expired.
     * @throws AssertionError when it is something else, and the handler's own error when the event would be tried again
     */
    readonly then: (expected: readonly Emission[]) => Promise<void>
    /**
     * Asks that the attempt fails so that the event is tried again.
     * @throws AssertionError when it comes to its end instead, or fails with another code or name
     */
    readonly thenRetries: (code?: string) => Promise<void>
  }
}

/** Begins a test of a worker: `await workerSpec(w).when(send(…)).then([send(…)])`. */
export function workerSpec(worker: Worker): WorkerSpec {
  return {
    when: (emission, context = {}) => ({
      // oxlint-disable-next-line unicorn/no-thenable -- given/when/then is the name people look for; a spec is never awaited itself.
      then: async (expected) => {
        compareEmissions(await runToItsEnd(worker, specEvent(emission, 0), context), expected)
      },
      thenRetries: async (code) => {
        const error = await runToItsEnd(worker, specEvent(emission, 0), context).then(
          () => null,
          (error: unknown) => error,
        )
        if (error === null) throw new AssertionError({ message: 'the event came to its end; it is not tried again' })
        const { code: actual, name } = error as { code?: unknown; name?: unknown }
        if (code !== undefined && actual !== code && name !== code)
          throw new AssertionError({ message: 'the attempt failed otherwise', actual: error, expected: code })
      },
    }),
  }
}

async function runToItsEnd(worker: Worker, event: Event, given: WorkerSpecContext): Promise<readonly Emission[]> {
  const context: WorkerContext = {
    signal: given.signal ?? new AbortController().signal,
    attempt: given.attempt ?? 1,
    idempotencyKey: given.idempotencyKey ?? event.id,
    now: given.now ?? ((): Date => new Date(Date.UTC(2026, 0, 1))),
    log: () => undefined,
  }
  const expiresAt = worker.expiresAt as ((event: Event) => Date | null) | null
  const expiry = expiresAt === null ? event.expiresAt : expiresAt(event)
  if (expiry !== null && expiry <= context.now())
    return failed(worker, event, context, {
      reason: 'expired',
      code: 'EXPIRED',
      detail: 'its time had passed',
      attempts: 0,
    })
  const handle = worker.handle[event.type] as
    | ((event: Event, context: WorkerContext) => Promise<readonly Emission[]> | readonly Emission[])
    | undefined
  try {
    return (await handle?.(event, context)) ?? []
  } catch (error) {
    if (!(error instanceof PermanentFailure)) throw error
    const { code, message: detail } = error
    return failed(worker, event, context, { reason: 'permanent', code, detail, attempts: context.attempt })
  }
}

function failed(
  worker: Worker,
  event: Event,
  { now }: WorkerContext,
  failure: Omit<WorkerFailure, 'failedAt' | 'parkedAt'>,
): readonly Emission[] {
  const answer = worker.failed as ((event: Event, failure: WorkerFailure) => readonly Emission[]) | null
  return answer?.(event, { ...failure, failedAt: now(), parkedAt: null }) ?? []
}
