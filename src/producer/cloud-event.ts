// One CloudEvent 1.0 as it came over HTTP, with its attributes checked and its data still JSON. Whatever is wrong with it is
// collected, never thrown, so that a batch is told all its problems at once.
import type { FieldProblem } from '../errors/field-problem.ts'

/** A CloudEvent whose attributes are what they must be. */
export interface CloudEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: Date | null
  readonly data: unknown
  /** Extension attributes of the envelope. */
  readonly topic: string | null
  readonly correlationId: string | null
  readonly causationId: string | null
  readonly traceparent: string | null
  readonly routingKey: string | null
  readonly idempotencyKey: string | null
  readonly expiresAt: Date | null
  /** All other attributes, carried along as they are. */
  readonly others: Readonly<Record<string, string>>
}

const known = new Set(
  'specversion id source type time data data_base64 datacontenttype dataschema topic correlationid causationid traceparent routingkey idempotencykey expiresat'.split(
    ' ',
  ),
)
const attributeName = /^[a-z0-9]{1,40}$/
/** RFC 3339, which Date alone would read too generously. */
const instant = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/
// Neither control characters, which headers and Postgres refuse, nor half a surrogate pair, which UTF-8 cannot carry.
const printable = /^[^\p{Cc}\p{Cs}]+$/u
const longest = 1024
const mostOthers = 20

/**
 * Reads the attributes of one event.
 * @param attributes the event as a JSON object, or the ce-… headers of one in binary mode with its `data`
 * @param at where the event stands: empty, or `[3].` in a batch
 * @param problems gets what is wrong
 */
export function readCloudEvent(attributes: unknown, at: string, problems: FieldProblem[]): CloudEvent | null {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    problems.push({ field: at === '' ? 'body' : at.slice(0, -1), detail: 'expected a CloudEvent, a JSON object' })
    return null
  }
  const before = problems.length
  const given = attributes as Readonly<Record<string, unknown>>
  const refuse = (name: string, detail: string): null => {
    problems.push({ field: `${at}${name}`, detail })
    return null
  }
  const text = (name: string): string | null => {
    const value = given[name]
    if (value === undefined || value === null) return null
    if (typeof value !== 'string' || !printable.test(value) || value.length > longest)
      return refuse(name, `expected a text of 1 to ${longest} characters without control characters`)
    return value
  }
  const required = (name: string): string =>
    given[name] === undefined || given[name] === null
      ? (refuse(name, 'is missing; CloudEvents 1.0 requires it') ?? '')
      : (text(name) ?? '')
  const time = (name: string): Date | null => {
    const value = text(name)
    if (value === null) return null
    const date = new Date(value)
    if (!instant.test(value) || Number.isNaN(date.getTime()))
      return refuse(name, 'expected a time such as 2026-01-31T12:00:00Z')
    return date
  }

  if (given['specversion'] !== '1.0') refuse('specversion', `expected "1.0", received ${shown(given['specversion'])}`)
  const contentType = text('datacontenttype')
  if (contentType !== null && !/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType))
    refuse('datacontenttype', 'expected application/json: data is sent as JSON and stored as Avro')
  if (given['data_base64'] !== undefined) refuse('data_base64', 'is not taken here: send data as JSON')
  if (given['data'] === undefined) refuse('data', 'is missing')
  const event: CloudEvent = {
    id: required('id'),
    source: required('source'),
    type: required('type'),
    time: time('time'),
    data: given['data'],
    topic: text('topic'),
    correlationId: text('correlationid'),
    causationId: text('causationid'),
    traceparent: text('traceparent'),
    routingKey: text('routingkey'),
    idempotencyKey: text('idempotencykey'),
    expiresAt: time('expiresat'),
    others: otherAttributes(given, refuse),
  }
  return problems.length === before ? event : null
}

function otherAttributes(
  given: Readonly<Record<string, unknown>>,
  refuse: (name: string, detail: string) => null,
): Record<string, string> {
  const others: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    if (known.has(name)) continue
    const usable =
      (typeof value === 'string' && value.length <= longest && printable.test(value)) ||
      typeof value === 'boolean' ||
      Number.isInteger(value)
    if (!attributeName.test(name)) refuse(name, 'an extension attribute has a name of lower case letters and digits')
    else if (!usable)
      refuse(name, `an extension attribute is a text of at most ${longest} characters, a boolean or an integer`)
    else others[name] = String(value)
  }
  if (Object.keys(others).length > mostOthers) refuse('', `at most ${mostOthers} extension attributes are carried`)
  return others
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 40) ?? 'nothing')
}
