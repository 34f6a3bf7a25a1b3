// The gateway in the document: POST /events with every event type, and the route of each producer.
import type { AnyTopic } from '../../definition/define-topic.ts'
import type { Definitions } from '../../definition/definitions.ts'
import type { AnyEventType } from '../../definition/event-type.ts'
import { httpProducers } from '../../producer/gateway-routes.ts'
import type { JsonSchema } from '../../schema/json-schema.ts'
import type { OpenApiParameter, OpenApiPath } from './openapi-document.ts'
import { positionHeaders, problems } from './shared-answers.ts'

const idempotencyKey: OpenApiParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A repeat with the same key and content gets the same answer and writes nothing. Remembered for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

/** The answer to accepted events. */
export const acceptedSchema: JsonSchema = {
  type: 'object',
  title: 'Accepted',
  required: ['ids', 'token'],
  properties: {
    ids: { type: 'array', items: { type: 'string' }, description: "The events' ids, in the order of the request." },
    token: {
      type: 'string',
      description: 'A position token: `GET /models/…?after=<token>&wait=2s` reads your own write.',
    },
  },
}

const accepted = {
  '202': {
    description: 'The brokers have acknowledged every event (acks=all).',
    headers: positionHeaders,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Accepted' } } },
  },
}

/** The schema of a CloudEvent of this project. */
export function cloudEventSchema(events: readonly AnyEventType[], topics: readonly AnyTopic[]): JsonSchema {
  const text = { type: 'string', minLength: 1, maxLength: 1024 }
  const attributes = {
    specversion: { const: '1.0' },
    id: { ...text, description: 'Identity within its source: the same one again is accepted once.' },
    source: { ...text, examples: ['/shop/checkout'] },
    time: { type: 'string', format: 'date-time', description: 'When it happened (default: now).' },
    correlationid: text,
    causationid: text,
    traceparent: text,
    routingkey: text,
    idempotencykey: text,
    expiresat: {
      type: 'string',
      format: 'date-time',
      description: 'Workers do not run it after this moment.',
      examples: ['2099-12-31T23:59:59Z'],
    },
  }
  return {
    oneOf: events.map((event) => ({
      type: 'object',
      title: event.eventName,
      required: ['specversion', 'id', 'source', 'type', 'data'],
      properties: {
        ...attributes,
        topic: {
          enum: topics.filter((topic) => topic.events.includes(event)).map(({ name }) => name),
          description: 'Needed where several topics carry the type.',
        },
        type: { enum: [event.fullName, event.eventName] },
        data: { $ref: `#/components/schemas/${event.fullName}` },
      },
    })),
  }
}

/** The gateway's paths. */
export function describeGateway(
  definitions: Definitions,
  events: readonly AnyEventType[],
): Record<string, OpenApiPath> {
  const paths: Record<string, OpenApiPath> = {}
  if (events.length > 0) {
    paths['/events'] = {
      post: {
        operationId: 'emitEvents',
        tags: ['events'],
        summary: 'Accepts events as CloudEvents 1.0.',
        description:
          'One event, a batch that is accepted as a whole or not at all, or one event in binary mode with its attributes in ce-… headers.',
        parameters: [idempotencyKey],
        requestBody: {
          required: true,
          content: {
            'application/cloudevents+json': { schema: { $ref: '#/components/schemas/CloudEvent' } },
            'application/cloudevents-batch+json': {
              schema: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/CloudEvent' } },
            },
            'application/json': {
              schema: { oneOf: events.map((event) => ({ $ref: `#/components/schemas/${event.fullName}` })) },
            },
          },
        },
        responses: { ...accepted, ...problems(400, 413, 415, 422, 503) },
      },
    }
  }
  for (const { name, source } of httpProducers(definitions.producers)) {
    paths[source.path] = {
      post: {
        operationId: `produce-${name}`,
        tags: ['events'],
        summary: source.summary,
        parameters: [idempotencyKey],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: `#/components/schemas/${source.body.fullName}` },
              ...(source.example === undefined ? {} : { example: source.example }),
            },
          },
        },
        responses: { ...accepted, ...problems(400, 413, 422, 503) },
      },
    }
  }
  return paths
}
