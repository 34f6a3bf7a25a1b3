// The parts of the document that operations share: the problem body and the answers every client must expect.
import type { JsonSchema } from '../../schema/json-schema.ts'
import type { OpenApiOperation, OpenApiResponse } from './openapi-document.ts'

/** The body of every error (RFC 9457). */
export const problemSchema: JsonSchema = {
  type: 'object',
  title: 'Problem',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  properties: {
    type: { type: 'string', examples: ['urn:millrace:error:MILLRACE_EVENT_INVALID'] },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What failed, and what to do.' },
    code: { type: 'string', pattern: '^MILLRACE_[A-Z_]+$' },
    instance: { type: 'string', description: 'The id of the request, as in the log.' },
    errors: {
      type: 'array',
      description: 'Every wrong field.',
      items: {
        type: 'object',
        required: ['field', 'detail'],
        properties: { field: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
}

const descriptions: Readonly<Record<string, string>> = {
  '400': 'Something in the request is wrong; `errors` names every place.',
  '401': 'The bearer token is missing or wrong.',
  '404': 'There is no such thing.',
  '409': 'The event of the token is parked: `consumer`, `topic`, `partition`, `offset` say where.',
  '413': 'The body is too large.',
  '415': 'The content type is not known here.',
  '422': 'The id or the Idempotency-Key was used for something else.',
  '503': 'Not available now. The same request may be sent again after Retry-After, without harm.',
  '504': 'The position was not reached in time; `position` says how far it is.',
}

/** Answers that operations refer to by status. */
export const sharedResponses: Readonly<Record<string, OpenApiResponse>> = Object.fromEntries(
  Object.entries(descriptions).map(([status, description]) => [
    `Problem${status}`,
    {
      description,
      ...(status === '503'
        ? { headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } } }
        : {}),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]),
)

/** References to shared answers. */
export function problems(...statuses: readonly number[]): OpenApiOperation['responses'] {
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]))
}

/** The header that carries a position. */
export const positionHeaders = {
  'Millrace-Position': {
    description: 'A position token: what the answer reflects, or where the events lie. Give it back as `after`.',
    schema: { type: 'string' },
  },
}
