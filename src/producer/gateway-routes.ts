// The gateway: events in over HTTP. POST /events takes CloudEvents; each producer with an HTTP source has a route of its own.
// 202 means that the brokers acknowledged every event with acks=all; any other answer means that the same request may be sent
// again without harm.
import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type { HttpInput, HttpSource, Producer } from '../definition/define-producer.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import type { Emission } from '../definition/send.ts'
import { uuid5 } from '../envelope/uuid5.ts'
import type { FieldProblem } from '../errors/field-problem.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { EventCodec } from '../schema/event-codec.ts'
import type { AcceptedItem, AcceptEvents } from './accept-events.ts'
import { readCloudEvents } from './cloud-event-request.ts'
import { contentHash } from './content-hash.ts'
import type { Emitter } from './create-emitter.ts'
import type { Claim } from './emitted-rows.ts'
import { eventCatalog } from './event-catalog.ts'
import type { PositionTokens } from '../topic/position-token.ts'
import { prepareCloudEvents } from './prepare-cloud-events.ts'
import { readJson } from './read-json.ts'
import { withDeadline } from './with-deadline.ts'

export interface GatewayOptions {
  readonly app: string
  readonly topics: readonly AnyTopic[]
  readonly producers: readonly Producer[]
  readonly codec: EventCodec
  readonly emitter: Pick<Emitter, 'prepare' | 'prepareOne'>
  readonly accept: AcceptEvents
  readonly tokens: PositionTokens
  /** The most events in one batch. */
  readonly batchLimit: number
  /** After this time a request is answered 503, in milliseconds. */
  readonly emitTimeoutMs: number
  /** Told of requests that wrote nothing because all of it had been written before. */
  readonly onRepeated?: () => void
  readonly now?: () => Date
  readonly newId?: () => string
}

/** A producer with an HTTP source. */
export type HttpProducer = Producer & { readonly source: HttpSource }

/** The producers that are routes of the gateway. */
export function httpProducers(producers: readonly Producer[]): HttpProducer[] {
  return producers.filter((producer): producer is HttpProducer => producer.source.kind === 'http')
}

/** The gateway's routes. Every failure is thrown as a MillraceError. */
export function gatewayRoutes(options: GatewayOptions): Hono {
  const routes = new Hono()
  const catalog = eventCatalog(options.topics)

  // A process that serves queries only is given no topics.
  if (options.topics.length > 0)
    routes.post('/events', async (c) => {
      const { headers } = c.req.raw
      const request = readCloudEvents(headers, await c.req.text(), options.batchLimit)
      return answer(c, options, async (isOver) => {
        const items = await prepareCloudEvents(request, catalog, options)
        const claim = requestClaim(c, request.events)
        return options.accept({ items, claim, isOver })
      })
    })
  for (const producer of httpProducers(options.producers)) {
    routes.post(producer.source.path, async (c) => {
      const json = readJson(await c.req.text())
      const data = checkedBody(producer, json, options.codec)
      return answer(c, options, async (isOver) => {
        const claim = requestClaim(c, json)
        const items = await runProducer(c, producer, data, claim, options)
        return options.accept({ items, claim, isOver })
      })
    })
  }
  return routes
}

async function answer(
  c: Context,
  { tokens, emitTimeoutMs, onRepeated }: GatewayOptions,
  work: (isOver: () => boolean) => ReturnType<AcceptEvents>,
): Promise<Response> {
  const { events, repeated } = await withDeadline(emitTimeoutMs, work)
  if (repeated) onRepeated?.()
  const token = tokens.ofEvents(events)
  c.header('millrace-position', token)
  return c.json({ ids: events.map(({ id }) => id), token }, 202)
}

/** The claim of a request's Idempotency-Key, in the scope of its route. */
function requestClaim(c: Context, content: unknown): Claim | null {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return null
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new MillraceError(
      'MILLRACE_REQUEST_INVALID',
      'Idempotency-Key is 1 to 255 printable characters without spaces.',
      {
        context: { problems: [{ field: 'Idempotency-Key', detail: 'expected 1 to 255 printable ASCII characters' }] },
      },
    )
  }
  return { scope: `POST ${c.req.path}`, key, hash: contentHash(content) }
}

function checkedBody({ source }: HttpProducer, json: unknown, codec: EventCodec): unknown {
  const { data, problems } = codec.fromJson(source.body, json)
  if (problems.length === 0) return data
  throw new MillraceError(
    'MILLRACE_REQUEST_INVALID',
    `The body is not a ${source.body.eventName}: ${problems.length} ${problems.length === 1 ? 'field is' : 'fields are'} wrong.`,
    {
      context: {
        problems: problems.map(({ path, expected, received }): FieldProblem => ({
          field: path === '' ? 'body' : path,
          detail: `expected ${expected}, received ${received}`,
        })),
      },
    },
  )
}

async function runProducer(
  c: Context,
  producer: HttpProducer,
  body: unknown,
  claim: Claim | null,
  { app, emitter, now = () => new Date(), newId = randomUUID }: GatewayOptions,
): Promise<readonly AcceptedItem[]> {
  const source = `/${app}/${producer.name}`
  const id = claim === null ? newId() : uuid5('request', app, producer.name, claim.key)
  const input: HttpInput<unknown> = {
    body,
    headers: Object.fromEntries(c.req.raw.headers),
    idempotencyKey: claim?.key ?? null,
    id,
    now: now(),
  }
  const emissions = await (producer.produce as (input: HttpInput<unknown>) => Promise<readonly Emission[]>)(input)
  const traceparent = c.req.header('traceparent')
  const prepared = await emitter
    .prepare(emissions, {
      source,
      idFrom: { id, name: producer.name },
      ...(traceparent === undefined ? {} : { traceparent }),
    })
    .catch((error: unknown) => {
      // The body was right: what the producer made of it is its own mistake, not the client's.
      if (error instanceof MillraceError && error.code === 'MILLRACE_EVENT_INVALID')
        throw new MillraceError('MILLRACE_PRODUCER_FAILED', `Producer ${producer.name}: ${error.message}`, {
          cause: error,
        })
      throw error
    })
  return prepared.map((event, index) => {
    const emission = emissions[index]
    // Only an id that the producer chose can come again in another request. The request's own id is guarded by the request's
    // claim: a claim of its own would refuse a repeat after a crash, whose data may hold another time of receipt.
    const hasOwnId = emission?.event?.id !== undefined && emission.event.id !== id
    const hash = hasOwnId ? contentHash([emission.event?.type, emission.topic.name, plain(emission.event?.data)]) : ''
    return { prepared: event, claim: hasOwnId ? { scope: `event ${source}`, key: event.id, hash } : null }
  })
}

function plain(data: unknown): unknown {
  return JSON.parse(
    JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)) ?? 'null',
  )
}
