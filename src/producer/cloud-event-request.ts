// Finds the CloudEvents of a request in any of the HTTP binding's three modes: structured, batch, binary.
import { MillraceError } from '../errors/millrace-error.ts'
import type { FieldProblem } from '../errors/field-problem.ts'
import { type CloudEvent, readCloudEvent } from './cloud-event.ts'
import { readJson } from './read-json.ts'

/** A request's events; `isBatch` says whether fields are named by their place in it. */
export interface CloudEventRequest {
  /** Null where an event's attributes are wrong. */
  readonly events: readonly (CloudEvent | null)[]
  readonly isBatch: boolean
  readonly problems: FieldProblem[]
}

/**
 * Reads a request's events.
 * @throws MillraceError `MILLRACE_MEDIA_TYPE`, `MILLRACE_REQUEST_INVALID`
 */
export function readCloudEvents(headers: Headers, body: string, batchLimit: number): CloudEventRequest {
  const mediaType = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const problems: FieldProblem[] = []
  if (mediaType === 'application/cloudevents+json')
    return { events: [readCloudEvent(readJson(body), '', problems)], isBatch: false, problems }
  if (mediaType === 'application/cloudevents-batch+json') return readBatch(readJson(body), batchLimit, problems)
  if (headers.has('ce-specversion') || headers.has('ce-id')) {
    if (!/^application\/([\w.-]+\+)?json$/.test(mediaType))
      throw mediaTypeError(mediaType, 'In binary mode it is application/json.')
    const attributes = { ...attributesOf(headers, problems), data: readJson(body) }
    return { events: [readCloudEvent(attributes, '', problems)], isBatch: false, problems }
  }
  throw mediaTypeError(
    mediaType,
    'Send one event as application/cloudevents+json, several as application/cloudevents-batch+json, or one as application/json with its attributes in ce-… headers.',
  )
}

function readBatch(body: unknown, batchLimit: number, problems: FieldProblem[]): CloudEventRequest {
  if (!Array.isArray(body) || body.length === 0)
    throw new MillraceError('MILLRACE_REQUEST_INVALID', 'The body of a batch is a JSON array of at least one event.')
  if (body.length > batchLimit) {
    throw new MillraceError(
      'MILLRACE_REQUEST_INVALID',
      `The batch holds ${body.length} events; at most ${batchLimit} are taken at once. Send it in parts.`,
    )
  }
  return { events: body.map((event, index) => readCloudEvent(event, `[${index}].`, problems)), isBatch: true, problems }
}

/** Attributes in headers are percent-encoded where they are not plain ASCII. */
function attributesOf(headers: Headers, problems: FieldProblem[]): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [header, value] of headers) {
    if (!header.startsWith('ce-')) continue
    const name = header.slice(3)
    if (name === 'data') continue
    try {
      attributes[name] = decodeURIComponent(value)
    } catch {
      problems.push({ field: header, detail: 'its percent-encoding is broken' })
    }
  }
  const traceparent = headers.get('traceparent')
  if (traceparent !== null) attributes['traceparent'] ??= traceparent
  return attributes
}

function mediaTypeError(mediaType: string, advice: string): MillraceError {
  return new MillraceError(
    'MILLRACE_MEDIA_TYPE',
    `The content type is ${mediaType === '' ? 'missing' : `'${mediaType.slice(0, 100)}'`}. ${advice}`,
  )
}
