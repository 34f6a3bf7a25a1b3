// A producer: a source outside Kafka, turned into events of topics. Sources are an HTTP route or a schedule.
import type { AnyTopic } from './define-topic.ts'
import type { AnyEventType, DataOf, EventType } from './event-type.ts'
import type { Emission } from './send.ts'

/** A source that is a route of the gateway. The body is checked against an Avro record, like an event's data. */
export interface HttpSource<Body extends AnyEventType = AnyEventType> {
  readonly kind: 'http'
  /** The route, below the gateway's root, answered on POST. */
  readonly path: string
  /** What the body must be: a record of schemas/. */
  readonly body: Body
  /** One sentence for the OpenAPI page. */
  readonly summary: string
  /** A body that works, in JSON: for the API page and the lines that `millrace start` prints. */
  readonly example: unknown
}

/** One plan of a schedule source: when it fires and with what. */
export interface SchedulePlan {
  /** Identity of the plan within its producer. */
  readonly id: string
  /** A cron expression of five or six fields. */
  readonly cron: string
  /** An IANA time zone (default: UTC). */
  readonly timeZone?: string
  /** What becomes of occurrences that were missed while no scheduler ran: none or one catch-up (default: `once`). */
  readonly misfire?: 'skip' | 'once'
}

/** A source that fires by the clock. Whichever scheduler process fires an occurrence, it has the same id. */
export interface ScheduleSource {
  readonly kind: 'schedule'
  /** The plans in force; asked again every few seconds, so they may come from a table. */
  readonly plans: (context: {
    readonly prisma: MillracePrismaClient
  }) => Promise<readonly SchedulePlan[]> | readonly SchedulePlan[]
}

/** The project's Prisma client, as generated. */
export type MillracePrismaClient = MillracePrisma extends { client: infer Client } ? Client : unknown

/** What `produce` gets from an HTTP source. */
export interface HttpInput<Body> {
  readonly body: Body
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The caller's Idempotency-Key, or null. */
  readonly idempotencyKey: string | null
  /** The id that names this request: derived from the idempotency key when there is one, else new. Use it for ids in the data. */
  readonly id: string
  readonly now: Date
}

/** What `produce` gets from a schedule source. */
export interface ScheduleInput {
  readonly planId: string
  /** Derived from producer, plan and due time: the same whoever fires it, and however often. */
  readonly id: string
  /** The moment at which the plan is due. */
  readonly dueAt: Date
  readonly now: Date
  readonly prisma: MillracePrismaClient
}

export interface ProducerOptions<S extends HttpSource | ScheduleSource, To extends AnyTopic> {
  /** Kebab case, the name of the file; the `source` of its events is `/<app>/<name>`. */
  readonly name: string
  readonly source: S
  /** The topics it may send to. */
  readonly to: readonly To[]
  /** Turns one input into events. Events without an id get one derived from the input's, so that a repeat writes the same. */
  readonly produce: (
    input: S extends HttpSource<infer Body> ? HttpInput<DataOf<Body>> : ScheduleInput,
  ) => readonly Emission<To>[] | Promise<readonly Emission<To>[]>
}

/** A producer's definition. */
export interface Producer {
  readonly kind: 'producer'
  readonly name: string
  readonly source: HttpSource | ScheduleSource
  readonly to: readonly AnyTopic[]
  readonly produce: (input: never) => readonly Emission[] | Promise<readonly Emission[]>
}

/** A route of the gateway as a source: `http({ path: '/notes', body: NoteDraft, summary: 'Writes a note.' })`. */
export function http<Name extends string, Data>(options: {
  /** The route, below the gateway's root, answered on POST. */
  readonly path: string
  /** What the body must be: a record of schemas/. */
  readonly body: EventType<Name, Data>
  /** One sentence for the OpenAPI page. */
  readonly summary: string
  /** A body that works, in JSON, for the API page and the lines that `millrace start` prints (default: none). */
  readonly example?: unknown
}): HttpSource<EventType<Name, Data>> {
  return { kind: 'http', example: undefined, ...options }
}

/** A clock as a source. */
export function schedule(options: Omit<ScheduleSource, 'kind'>): ScheduleSource {
  return { kind: 'schedule', ...options }
}

/** Defines a producer. Inert: no route is opened and no clock is started. */
export function defineProducer<S extends HttpSource | ScheduleSource, To extends AnyTopic>(
  options: ProducerOptions<S, To>,
): Producer {
  return Object.freeze({ kind: 'producer', ...options, produce: options.produce as Producer['produce'] })
}
