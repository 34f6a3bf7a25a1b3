// The OpenAPI 3.1 description of an app, made from its definitions: whatever is served is in it, with its errors.
import type { Models } from '../../database/model.ts'
import type { Definitions } from '../../definition/definitions.ts'
import type { AnyEventType } from '../../definition/event-type.ts'
import { httpProducers } from '../../producer/gateway-routes.ts'
import type { ModelSource } from '../../query/model-sources.ts'
import type { EventCodec } from '../../schema/event-codec.ts'
import type { JsonSchema } from '../../schema/json-schema.ts'
import { acceptedSchema, cloudEventSchema, describeGateway } from './describe-gateway.ts'
import { describeQueries, rowSchema, rowSchemaName } from './describe-queries.ts'
import type { OpenApiDocument, OpenApiPath } from './openapi-document.ts'
import { problemSchema, sharedResponses } from './shared-answers.ts'

export interface DescribeOptions {
  readonly app: string
  readonly definitions: Definitions
  readonly models: Models
  /** The models that are served. */
  readonly sources: ReadonlyMap<string, readonly ModelSource[]>
  readonly codec: EventCodec
  /** Paths of other rooms. */
  readonly paths?: Readonly<Record<string, OpenApiPath>>
}

const positionSchema: JsonSchema = {
  type: 'object',
  title: 'Position',
  required: ['token', 'asOf'],
  properties: {
    token: { type: 'string', description: 'Given back as `after`, it makes a later read at least as new.' },
    asOf: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'The next offset by `<topic>-<partition>`: every event before it is in the answer.',
    },
  },
}

/** Describes an app. */
export function describeApi(options: DescribeOptions): OpenApiDocument {
  const { definitions, models, codec, sources } = options
  const events = [...new Set(definitions.topics.flatMap((topic) => topic.events as readonly AnyEventType[]))]
  const bodies = httpProducers(definitions.producers).map(({ source }) => source.body)
  const served = [...sources.keys()].filter((name) => models.has(name))
  const schemas: Record<string, JsonSchema> = {
    Problem: problemSchema,
    Accepted: acceptedSchema,
    Position: positionSchema,
  }
  for (const event of new Set([...events, ...bodies])) Object.assign(schemas, eventSchemas(codec.jsonSchema(event)))
  if (events.length > 0) schemas['CloudEvent'] = cloudEventSchema(events, definitions.topics)
  for (const name of served) {
    const model = models.get(name)
    if (model !== undefined) schemas[rowSchemaName(name)] = rowSchema(model)
  }
  return {
    openapi: '3.1.0',
    info: { title: options.app, version: '1', description: 'Events in, read models out.' },
    paths: {
      ...describeGateway(definitions, events),
      ...describeQueries(definitions, models, served),
      ...options.paths,
    },
    components: {
      schemas,
      responses: sharedResponses,
      securitySchemes: { admin: { type: 'http', scheme: 'bearer' } },
    },
  }
}

/** The records of an event's JSON Schema, with their references moved to where this document keeps schemas. */
function eventSchemas({ $defs }: JsonSchema): Record<string, JsonSchema> {
  const text = JSON.stringify($defs ?? {}).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/')
  return JSON.parse(text) as Record<string, JsonSchema>
}
