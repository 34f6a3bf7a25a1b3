// Writes the events of one request once, however often and wherever the request comes again.
//
// The way of a request: wait for requests in this process that hold one of its keys; claim all keys in the database; write the
// events whose claim is ours; store the answers; give the keys free. A key that another process holds is asked for again until
// it is answered. What can go wrong, and what becomes of the claims:
//   before the write     nothing is on the log: fresh claims are forgotten, others given free for the same body
//   in the write         some events may be on the log: claims stay, free for the same body, so that a retry has the same ids
//   storing the answers  the events are accepted: the answer goes out, and a repeat is written again under the same ids
import { setTimeout as delay } from 'node:timers/promises'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Logger } from '../observability/logger.ts'
import type { Emitter, Emitted, PreparedEvent } from './create-emitter.ts'
import type { Claim, ClaimOutcome, EmittedRows } from './emitted-rows.ts'

/** One event of a request. */
export interface AcceptedItem {
  readonly prepared: PreparedEvent
  /** What makes a repeat of this event known; null for one whose id nobody could send again. */
  readonly claim: Claim | null
}

/** A request's events. */
export interface AcceptRequest {
  readonly items: readonly AcceptedItem[]
  /** The request's own idempotency key. */
  readonly claim: Claim | null
  /** True once the client was told that it failed: nothing is begun any more. */
  readonly isOver: () => boolean
}

/** What a request was answered. */
export interface Acceptance {
  readonly events: readonly Emitted[]
  /** True when nothing was written because all of it had been before. */
  readonly repeated: boolean
}

/** Writes requests' events once. Rejects with `MILLRACE_IDEMPOTENCY_CONFLICT`, or as Kafka and the database do. */
export type AcceptEvents = (request: AcceptRequest) => Promise<Acceptance>

export interface AcceptOptions {
  readonly emitter: Pick<Emitter, 'write'>
  readonly rows: EmittedRows
  readonly logger: Logger
  /** Pause before a key that another process holds is asked for again, in milliseconds (default: 50). */
  readonly pendingPauseMs?: number
}

type StoredEvent = readonly [id: string, topic: string, partition: number, offset: string]
type Keyed = { readonly claim: Claim; readonly item: AcceptedItem | null }

const placeOf = ({ scope, key }: Claim): string => `${scope}\n${key}`
const store = ({ id, topic, partition, offset }: Emitted): StoredEvent => [id, topic, partition, offset.toString()]
const restore = ([id, topic, partition, offset]: StoredEvent): Emitted => ({
  id,
  topic,
  partition,
  offset: BigInt(offset),
})

/** Makes `AcceptEvents` for one process. */
export function acceptEvents(options: AcceptOptions): AcceptEvents {
  const gate = new EventGate(options)
  return (request) => gate.accept(request)
}

class EventGate {
  readonly #emitter: Pick<Emitter, 'write'>
  readonly #rows: EmittedRows
  readonly #logger: Logger
  readonly #pendingPauseMs: number
  /** Requests of this process that are under way, by each of their keys. */
  readonly #flights = new Map<string, Promise<unknown>>()

  constructor({ emitter, rows, logger, pendingPauseMs = 50 }: AcceptOptions) {
    this.#emitter = emitter
    this.#rows = rows
    this.#logger = logger
    this.#pendingPauseMs = pendingPauseMs
  }

  async accept(request: AcceptRequest): Promise<Acceptance> {
    const keyed = keysOf(request)
    if (keyed.length === 0) {
      refuseWhenOver(request)
      return { events: await this.#emitter.write(request.items.map(({ prepared }) => prepared)), repeated: false }
    }
    const places = keyed.map(({ claim }) => placeOf(claim))
    // A request takes all its keys in one turn of the event loop or none, so two requests never wait for each other.
    for (let held = heldBy(this.#flights, places); held.length > 0; held = heldBy(this.#flights, places)) {
      await Promise.allSettled(held)
      refuseWhenOver(request)
    }
    const flight = this.#acceptKeyed(request, keyed)
    for (const place of places) this.#flights.set(place, flight)
    try {
      return await flight
    } finally {
      for (const place of places) this.#flights.delete(place)
    }
  }

  async #acceptKeyed(request: AcceptRequest, keyed: readonly Keyed[]): Promise<Acceptance> {
    const outcomes = await this.#claimAll(request, keyed)
    const whole = request.claim === null ? undefined : outcomes.get(placeOf(request.claim))
    if (whole?.kind === 'answered') return { events: (whole.answer as StoredEvent[]).map(restore), repeated: true }

    const answers = new Map<AcceptedItem, Emitted>()
    const toWrite = new Map<string, AcceptedItem>()
    for (const item of request.items) {
      const before = item.claim === null ? undefined : outcomes.get(placeOf(item.claim))
      if (before?.kind === 'answered') answers.set(item, restore(before.answer as StoredEvent))
      else toWrite.set(item.claim === null ? item.prepared.id : placeOf(item.claim), item)
    }
    const ours = keyed.filter(({ claim }) => outcomes.get(placeOf(claim))?.kind === 'ours').map(({ claim }) => claim)
    const written = await this.#writeClaimed([...toWrite.values()], ours)
    const byPlace = new Map([...toWrite.keys()].map((place, index) => [place, written[index] as Emitted]))
    const events = request.items.map(
      (item) =>
        answers.get(item) ?? (byPlace.get(item.claim === null ? item.prepared.id : placeOf(item.claim)) as Emitted),
    )
    await this.#storeAnswers(request, keyed, outcomes, byPlace, events)
    return { events, repeated: toWrite.size === 0 }
  }

  /** Claims until no key is with another process. Ours are given back before every pause, so that two processes cannot block each other. */
  async #claimAll(request: AcceptRequest, keyed: readonly Keyed[]): Promise<Map<string, ClaimOutcome>> {
    for (;;) {
      refuseWhenOver(request)
      const claims = keyed.map(({ claim }) => claim)
      const outcomes = await this.#rows.claim(claims)
      const conflicts = keyed.filter((_, index) => outcomes[index]?.kind === 'conflict')
      const isPending = outcomes.some(({ kind }) => kind === 'pending')
      const byPlace = new Map(claims.map((claim, index) => [placeOf(claim), outcomes[index] as ClaimOutcome]))
      if (conflicts.length === 0 && !isPending && !request.isOver()) return byPlace
      await this.#giveBack(claims, byPlace)
      if (conflicts.length > 0) throw conflict(request, conflicts)
      await delay(this.#pendingPauseMs * (0.5 + Math.random()))
    }
  }

  async #giveBack(claims: readonly Claim[], outcomes: ReadonlyMap<string, ClaimOutcome>): Promise<void> {
    const oursThat = (fresh: boolean): Claim[] =>
      claims.filter((claim) => {
        const outcome = outcomes.get(placeOf(claim))
        return outcome?.kind === 'ours' && outcome.fresh === fresh
      })
    await Promise.all([this.#rows.abandon(oursThat(true)), this.#rows.release(oursThat(false))])
  }

  async #writeClaimed(items: readonly AcceptedItem[], ours: readonly Claim[]): Promise<readonly Emitted[]> {
    try {
      return await this.#emitter.write(items.map(({ prepared }) => prepared))
    } catch (error) {
      const refused = error instanceof MillraceError && error.code === 'MILLRACE_RECORD_REFUSED'
      await (refused ? this.#rows.abandon(ours) : this.#rows.release(ours)).catch((failure: unknown) =>
        this.#logger.warn({ err: failure }, 'claims of a failed emit were not given free; they will be by themselves'),
      )
      throw error
    }
  }

  async #storeAnswers(
    { claim }: AcceptRequest,
    keyed: readonly Keyed[],
    outcomes: ReadonlyMap<string, ClaimOutcome>,
    written: ReadonlyMap<string, Emitted>,
    events: readonly Emitted[],
  ): Promise<void> {
    const answers = keyed.flatMap((entry): { readonly claim: Claim; readonly answer: unknown }[] => {
      if (outcomes.get(placeOf(entry.claim))?.kind !== 'ours') return []
      const event = written.get(placeOf(entry.claim))
      if (entry.item === null) return claim === null ? [] : [{ claim, answer: events.map(store) }]
      return event === undefined ? [] : [{ claim: entry.claim, answer: store(event) }]
    })
    try {
      await this.#rows.answer(answers)
    } catch (error) {
      this.#logger.warn({ err: error }, 'answers were not stored: a repeat of these events will be written again')
    }
  }
}

function heldBy(flights: ReadonlyMap<string, Promise<unknown>>, places: readonly string[]): Promise<unknown>[] {
  return places.flatMap((place) => flights.get(place) ?? [])
}

/** The keys of a request, each once: an event that stands twice in a batch is one event. */
function keysOf({ items, claim }: AcceptRequest): Keyed[] {
  const keyed = new Map<string, Keyed>()
  if (claim !== null) keyed.set(placeOf(claim), { claim, item: null })
  for (const item of items) if (item.claim !== null) keyed.set(placeOf(item.claim), { claim: item.claim, item })
  return [...keyed.values()]
}

function conflict({ claim, items }: AcceptRequest, conflicts: readonly Keyed[]): MillraceError {
  const problems = conflicts.map(({ item, claim: { key } }) =>
    item === null
      ? { field: 'Idempotency-Key', detail: `${key} was used for another request` }
      : {
          field: items.length === 1 ? 'id' : `[${items.indexOf(item)}].id`,
          detail: `${key} was used for another event`,
        },
  )
  const what = claim !== null && conflicts.some(({ item }) => item === null) ? 'This Idempotency-Key' : 'An event id'
  return new MillraceError(
    'MILLRACE_IDEMPOTENCY_CONFLICT',
    `${what} was used before with other content. Nothing was written. Send what was sent before, or use a new one.`,
    { context: { problems } },
  )
}

function refuseWhenOver(request: AcceptRequest): void {
  if (request.isOver())
    throw new MillraceError('MILLRACE_EMIT_UNAVAILABLE', 'The request ran out of time.', { retriable: true })
}
