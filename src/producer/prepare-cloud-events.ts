// Checks CloudEvents against their Avro schemas and makes records of them: all of a request, or none and every problem.
import type { FieldProblem } from '../errors/field-problem.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { EventCodec } from '../schema/event-codec.ts'
import type { AcceptedItem } from './accept-events.ts'
import type { CloudEvent } from './cloud-event.ts'
import type { CloudEventRequest } from './cloud-event-request.ts'
import { contentHash } from './content-hash.ts'
import type { Emitter } from './create-emitter.ts'
import type { EventCatalog } from './event-catalog.ts'
import type { RecordParts } from './make-record.ts'

export interface PrepareOptions {
  readonly codec: EventCodec
  readonly emitter: Pick<Emitter, 'prepareOne'>
  readonly now?: () => Date
}

/** The most problems told at once. */
const mostProblems = 200

/**
 * Prepares all events of a request.
 * @throws MillraceError `MILLRACE_EVENT_INVALID` with every problem of every event
 */
export async function prepareCloudEvents(
  request: CloudEventRequest,
  catalog: EventCatalog,
  { codec, emitter, now = () => new Date() }: PrepareOptions,
): Promise<readonly AcceptedItem[]> {
  const problems = [...request.problems]
  const hashes = new Map<string, string>()
  const described = request.events.map((event, index) => {
    if (event === null) return null
    const at = request.isBatch ? `[${index}].` : ''
    const hash = contentHash({ ...event, traceparent: null })
    const name = `${event.source}\n${event.id}`
    const earlier = hashes.get(name)
    if (earlier !== undefined && earlier !== hash)
      problems.push({ field: `${at}id`, detail: `${event.id} stands in this batch with other content too` })
    hashes.set(name, hash)
    const parts = describe(event, catalog, codec, now, at, problems)
    return parts === null ? null : { parts, claim: { scope: `event ${event.source}`, key: event.id, hash } }
  })
  if (problems.length > 0) throw invalid(request, problems)
  return Promise.all(
    described
      .filter((item) => item !== null)
      .map(async ({ parts, claim }) => ({ prepared: await emitter.prepareOne(parts), claim })),
  )
}

function describe(
  event: CloudEvent,
  catalog: EventCatalog,
  codec: EventCodec,
  now: () => Date,
  at: string,
  problems: FieldProblem[],
): RecordParts | null {
  const entry = catalog.find(event.type, event.topic)
  if ('detail' in entry) {
    problems.push({ field: `${at}${entry.field}`, detail: entry.detail })
    return null
  }
  const { data, problems: wrong } = codec.fromJson(entry.eventType, event.data)
  for (const { path, expected, received } of wrong)
    problems.push({ field: joined(`${at}data`, path), detail: `expected ${expected}, received ${received}` })
  if (wrong.length > 0) return null
  return {
    topic: entry.topic,
    eventType: entry.eventType,
    data,
    key: null,
    envelope: {
      id: event.id,
      time: event.time ?? now(),
      source: event.source,
      correlationId: event.correlationId ?? event.id,
      causationId: event.causationId,
      traceparent: event.traceparent,
      routingKey: event.routingKey,
      idempotencyKey: event.idempotencyKey,
      expiresAt: event.expiresAt,
      attempt: null,
    },
    headers: Object.fromEntries(Object.entries(event.others).map(([name, value]) => [`ce_${name}`, value])),
  }
}

function joined(root: string, path: string): string {
  return path === '' ? root : path.startsWith('[') ? `${root}${path}` : `${root}.${path}`
}

function invalid({ isBatch, events }: CloudEventRequest, problems: readonly FieldProblem[]): MillraceError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const what = isBatch
    ? `The batch of ${events.length} events has ${count}; nothing was written.`
    : `The event has ${count}.`
  return new MillraceError('MILLRACE_EVENT_INVALID', what, { context: { problems: problems.slice(0, mostProblems) } })
}
