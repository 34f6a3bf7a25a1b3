// The work of a worker for one slice of events: handlers run beside each other, one key after the other, and each event ends
// with a verdict.
//
//   expired ──────────────▶ failed for good                     done ──▶ outcome sent, acknowledged ──▶ applied
//   run ──▶ attempt ends ─┬▶ done                   failed for good ─┬▶ answered by `failed` ──▶ sent ──▶ applied
//                         ├▶ permanent ─▶ failed for good            └▶ not answered ──▶ parked
//                         ├▶ failed, attempts left ─▶ waiting until due, later events of its key behind it
//                         ├▶ failed, none left ─▶ answered and parked
//                         └▶ aborted ─▶ the slice is not committed; the attempt does not count
//
// An effect that happened must not be repeated because the commit after it met an outage: verdicts of a slice are remembered
// until it is committed, so that a second run of the same slice repeats no handler. Only a death of the process does.
import type { Delivery } from '../consumer/entry.ts'
import type { Clock } from '../consumer/clock.ts'
import type { Slice, Strategy, Work } from '../consumer/strategy.ts'
import type { Worker, WorkerFailure } from '../definition/define-worker.ts'
import type { Event } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import type { Logger } from '../observability/logger.ts'
import type { Parking } from '../parking/parked-event.ts'
import type { OutputSender } from '../producer/output-sender.ts'
import { messageOf } from '../errors/message-of.ts'
import { retryDelay } from './retry-delay.ts'
import { runAttempt } from './run-attempt.ts'
import { runLanes } from './run-lanes.ts'

export interface WorkerStrategyOptions {
  readonly worker: Worker
  readonly outputs: OutputSender
  /** A key for the receivers of effects, the same for every run of an event. */
  readonly idempotencyKey: (event: Event) => string
  readonly clock: Clock
  readonly logger: Logger
  /** A number from 0 to 1, for jitter. */
  readonly random: () => number
}

type Verdict = { readonly kind: 'applied' } | { readonly kind: 'parked'; readonly parking: Parking }

/** Makes the strategy of a worker. */
export function workerStrategy(options: WorkerStrategyOptions): Strategy {
  const { worker } = options
  /** Verdicts of slices that are not committed yet, by partition, then by offset and attempt: a later attempt runs anew. */
  const remembered = new Map<string, Map<string, Verdict>>()

  return {
    sliceSize: worker.concurrency,
    contributions: [],
    treatment: (type) => {
      // A tombstone on a compacted topic says that a key is gone: that is no work.
      if (type === 'Tombstone' || worker.ignore.includes(type)) return 'ignore'
      return worker.handle[type] === undefined ? 'unnamed' : 'run'
    },
    claimed(partitions) {
      for (const { topic, partition } of partitions) remembered.delete(`${topic}-${partition}`)
      return Promise.resolve()
    },
    async run(slice: Slice): Promise<Work> {
      const place = `${slice.topic}-${slice.partition}`
      const before = remembered.get(place)
      const verdicts = new Map<string, Verdict>()
      for (const delivery of slice.deliveries) {
        const verdict = before?.get(attemptOf(delivery))
        if (verdict !== undefined) verdicts.set(attemptOf(delivery), verdict)
      }
      remembered.set(place, verdicts)
      await runLanes(
        slice.deliveries,
        ({ event }) => event.key,
        worker.concurrency,
        async (delivery) => {
          if (slice.signal.aborted) return
          if (slice.draft.goesBehind(delivery)) return
          const verdict = verdicts.get(attemptOf(delivery)) ?? (await judge(delivery, slice.signal, options))
          if (verdict === null) return
          verdicts.set(attemptOf(delivery), verdict)
          if (verdict.kind === 'applied') slice.draft.apply(delivery)
          else slice.draft.park(delivery, verdict.parking)
        },
      )
      return slice.signal.aborted ? { kind: 'aborted' } : { kind: 'done', values: [] }
    },
  }
}

/** One run of one event. */
function attemptOf({ record, attempts }: Delivery): string {
  return `${record.offset}/${attempts}`
}

/** Runs one event to its verdict, or null when the signal was aborted before there is one. */
async function judge(delivery: Delivery, signal: AbortSignal, options: WorkerStrategyOptions): Promise<Verdict | null> {
  const { worker, outputs, clock, logger, random } = options
  const { event } = delivery
  const attempt = delivery.attempts + 1
  const expiresAt = worker.expiresAt?.(event as never) ?? event.expiresAt
  if (expiresAt !== null && expiresAt <= clock.now()) {
    const detail = `it was to be done by ${expiresAt.toISOString()}`
    return end(
      delivery,
      { reason: 'expired', code: 'MILLRACE_EXPIRED', detail, attempts: delivery.attempts },
      signal,
      options,
    )
  }
  const result = await runAttempt(worker, event, {
    attempt,
    idempotencyKey: options.idempotencyKey(event),
    now: () => clock.now(),
    signal,
    startTimer: (ms, then) => {
      const timer = setTimeout(then, ms)
      return { cancel: () => clearTimeout(timer) }
    },
    log: (message, details = {}) =>
      logger.info({ ...details, eventId: event.id, correlationId: event.correlationId, attempt }, message),
  })
  if (result.kind === 'aborted') return null
  if (result.kind === 'done') return settle(await outputs.send(event, result.emissions, signal), delivery)
  const { permanent, code, detail } = result
  if (permanent) return end(delivery, { reason: 'permanent', code, detail, attempts: attempt }, signal, options)
  const delay = retryDelay(worker.retryDelaysMs, attempt, result.retryAfterMs, random())
  if (delay === null) return end(delivery, { reason: 'exhausted', code, detail, attempts: attempt }, signal, options)
  const dueAt = new Date(clock.now().getTime() + delay)
  return { kind: 'parked', parking: { status: 'waiting', reason: 'retry', code, detail, dueAt } }
}

/** An event failed for good: it is answered where the definition has an answer, and parked where nothing else keeps it. */
async function end(
  delivery: Delivery,
  why: Pick<WorkerFailure, 'reason' | 'code' | 'detail' | 'attempts'>,
  signal: AbortSignal,
  { worker, outputs, clock }: WorkerStrategyOptions,
): Promise<Verdict | null> {
  const { event } = delivery
  const { reason, code, detail } = why
  const parked: Verdict = { kind: 'parked', parking: { status: 'parked', reason, code, detail, dueAt: null } }
  if (worker.failed === null) return parked
  const { topic, partition, offset } = event
  const parkedAt = reason === 'exhausted' ? { topic, partition, offset } : null
  let emissions: readonly Emission[]
  try {
    emissions = worker.failed(event as never, { ...why, failedAt: clock.now(), parkedAt })
  } catch (error) {
    const told = messageOf(error)
    return {
      kind: 'parked',
      parking: {
        status: 'parked',
        reason: 'handler-error',
        code: 'FAILED_HANDLER',
        detail: `failed() threw: ${told}`,
        dueAt: null,
      },
    }
  }
  const verdict = settle(await outputs.send(event, emissions, signal), delivery)
  return verdict?.kind === 'applied' && reason === 'exhausted' ? parked : verdict
}

/** What the sending of an event's outputs means for the event. */
function settle(sent: Awaited<ReturnType<OutputSender['send']>>, { event }: Delivery): Verdict | null {
  switch (sent.kind) {
    case 'acknowledged':
      return { kind: 'applied' }
    case 'aborted':
      return null
    case 'refused':
      return {
        kind: 'parked',
        parking: {
          status: 'parked',
          reason: 'handler-error',
          code: sent.code,
          detail: `what ${event.type} sends cannot be written: ${sent.detail}`,
          dueAt: null,
        },
      }
  }
}
