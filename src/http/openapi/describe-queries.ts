// The models and the user's queries in the document: fields, filters, order, pages, positions.
import type { Model, ModelField, Models } from '../../database/model.ts'
import type { Definitions } from '../../definition/definitions.ts'
import { isSortable, operatorsOf } from '../../query/field-kind.ts'
import { kebabCase } from '../../definition/kebab-case.ts'
import { defaultLimit, largestLimit } from '../../query/model-query.ts'
import type { JsonSchema } from '../../schema/json-schema.ts'
import type { OpenApiParameter, OpenApiPath } from './openapi-document.ts'
import { positionHeaders, problems } from './shared-answers.ts'

const scalars: Readonly<Record<ModelField['type'], JsonSchema>> = {
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Int: { type: 'integer', format: 'int32' },
  BigInt: { type: 'string', pattern: '^-?[0-9]+$' },
  Float: { type: 'number', format: 'double' },
  Decimal: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$' },
  DateTime: { type: 'string', format: 'date-time' },
  Json: {},
  Bytes: { type: 'string', contentEncoding: 'base64' },
  Enum: { type: 'string' },
}

function fieldSchema(field: ModelField): JsonSchema {
  const scalar =
    field.type === 'Enum' ? { type: 'string', enum: field.enumValues.map(({ name }) => name) } : scalars[field.type]
  const schema = field.isList ? { type: 'array', items: scalar } : scalar
  return field.isRequired || field.type === 'Json' ? schema : { oneOf: [schema, { type: 'null' }] }
}

/** Where the document keeps the schema of a model's row: apart from events and from what every app has. */
export function rowSchemaName(model: string): string {
  return `models.${model}`
}

/** The schema of a model's row. */
export function rowSchema(model: Model): JsonSchema {
  return {
    type: 'object',
    title: model.name,
    properties: Object.fromEntries(model.fields.map((field) => [field.name, fieldSchema(field)])),
  }
}

const readParameters: readonly OpenApiParameter[] = [
  {
    name: 'after',
    in: 'query',
    required: false,
    description: 'A position token: the answer reflects at least this position.',
    schema: { type: 'string' },
  },
  {
    name: 'wait',
    in: 'query',
    required: false,
    description: 'How long to wait for the position of `after` (default: not at all).',
    schema: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m)$', examples: ['2s'] },
  },
]

function fieldsParameter(model: Model): OpenApiParameter {
  return {
    name: 'fields',
    in: 'query',
    required: false,
    description: `The fields to answer with, separated by commas: ${model.fields.map(({ name }) => name).join(', ')}.`,
    schema: { type: 'string' },
  }
}

function filterParameters(model: Model): OpenApiParameter[] {
  return model.fields.flatMap((field) =>
    operatorsOf(field).map((operator) => ({
      name: operator === 'eq' ? field.name : `${field.name}[${operator}]`,
      in: 'query' as const,
      required: false,
      description: filterWords[operator].replace('%', field.name),
      schema: operator === 'null' ? { type: 'boolean' } : { type: 'string' },
    })),
  )
}

const filterWords = {
  eq: '% equals the value.',
  gt: '% is greater than the value.',
  gte: '% is the value or greater.',
  lt: '% is less than the value.',
  lte: '% is the value or less.',
  in: '% is one of the values, separated by commas; given several times, each is one value.',
  like: '% is like the pattern: _ is any character, % any number of them.',
  null: '% is null, or is not.',
}

function listParameters(model: Model): OpenApiParameter[] {
  const sortable = model.fields.filter(isSortable).map(({ name }) => name)
  const query = (name: string, description: string, schema: JsonSchema): OpenApiParameter => ({
    name,
    in: 'query',
    required: false,
    description,
    schema,
  })
  return [
    query('sort', `Fields separated by commas, each with - before it to descend: ${sortable.join(', ')}.`, {
      type: 'string',
    }),
    query('limit', 'How many rows a page has.', {
      type: 'integer',
      minimum: 1,
      maximum: largestLimit,
      default: defaultLimit,
    }),
    query('cursor', 'The `next` of the page before, with the same filters and order.', { type: 'string' }),
    fieldsParameter(model),
    ...readParameters,
    ...filterParameters(model),
  ]
}

function describeModel(model: Model): Record<string, OpenApiPath> {
  const path = `/models/${kebabCase(model.name)}`
  const reference = { $ref: `#/components/schemas/${rowSchemaName(model.name)}` }
  const answer = (description: string, schema: JsonSchema): OpenApiPath[string]['responses'] => ({
    '200': {
      description,
      headers: {
        ...positionHeaders,
        ETag: { description: 'Of the rows, not of the position.', schema: { type: 'string' } },
      },
      content: { 'application/json': { schema } },
    },
    '304': { description: 'The rows are those of If-None-Match.' },
  })
  const page = {
    type: 'object',
    required: ['items', 'next', 'position'],
    properties: {
      items: { type: 'array', items: reference },
      next: { oneOf: [{ type: 'string' }, { type: 'null' }], description: 'The cursor of the next page.' },
      position: { $ref: '#/components/schemas/Position' },
    },
  }
  return {
    [path]: {
      get: {
        operationId: `list${model.name}`,
        tags: ['models'],
        summary: `Rows of ${model.name}.`,
        parameters: listParameters(model),
        responses: { ...answer('A page of rows.', page), ...problems(400, 409, 503, 504) },
      },
    },
    [`${path}/${model.key.map((name) => `{${name}}`).join('/')}`]: {
      get: {
        operationId: `get${model.name}`,
        tags: ['models'],
        summary: `One row of ${model.name}.`,
        parameters: [
          ...model.key.map((name) => ({
            name,
            in: 'path' as const,
            required: true,
            description: 'Part of the key.',
            schema: fieldSchema(model.fields.find((field) => field.name === name) as ModelField),
          })),
          fieldsParameter(model),
          ...readParameters,
        ],
        responses: { ...answer('The row.', reference), ...problems(400, 404, 409, 503, 504) },
      },
    },
  }
}

function describeUserQuery({
  name,
  path,
  summary,
  parameters = [],
}: Definitions['queries'][number]): [string, OpenApiPath] {
  const inPath = [...path.matchAll(/:(\w+)(?:\{[^}]*\})?/g)].map(([, found]) => found ?? '')
  const described = new Set(
    parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name),
  )
  const missing = inPath.filter((found) => !described.has(found))
  return [
    path.replaceAll(/:(\w+)(?:\{[^}]*\})?\??/g, '{$1}'),
    {
      get: {
        operationId: `query-${name}`,
        tags: ['queries'],
        summary,
        parameters: [
          ...missing.map((found) => ({ name: found, in: 'path' as const, description: 'Part of the address.' })),
          ...parameters,
        ]
          .map((parameter) => ({
            ...parameter,
            required: parameter.in === 'path' || ('required' in parameter && parameter.required),
            schema: { type: 'string' },
          }))
          .concat(
            readParameters.map((parameter) => ({ ...parameter, in: 'query' as const, schema: { type: 'string' } })),
          ),
        responses: {
          '200': { description: 'The answer.', headers: positionHeaders },
          ...problems(400, 404, 409, 503, 504),
        },
      },
    },
  ]
}

/** The paths of the models that are served, and of the user's queries. */
export function describeQueries(
  definitions: Definitions,
  models: Models,
  served: readonly string[],
): Record<string, OpenApiPath> {
  return Object.assign(
    {},
    ...served.flatMap((name) => models.get(name) ?? []).map(describeModel),
    Object.fromEntries(definitions.queries.map(describeUserQuery)),
  ) as Record<string, OpenApiPath>
}
