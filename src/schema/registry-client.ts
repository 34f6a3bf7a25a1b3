// The schema registry through @kafkajs/confluent-schema-registry, with its faults absorbed. It promises: every call ends within its
// timeout; an outage is a retriable error and never looks like an unknown schema; registering changes no compatibility level.
//
// What is absorbed, and how: it has no timeout (set on each request); a refused connection comes out as status 400 (taken for an
// outage below, as is a 404 that no registry wrote); its retry options leak between instances (none are left to it); register() would pin
// the subject to BACKWARD and refuses any other level (`updateConfig: false`, and the level that the subject has is taken over);
// getSchema() gives a compiled avsc type without logical types and own properties (the answer's text is taken as it passes by).
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import type { AvroSchema } from '../definition/event-type.ts'
import { messageOf } from '../errors/message-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { inlineSchema } from './inline-schema.ts'

export interface RegistryClient {
  /**
   * The schema of an id, self-contained; null when the registry says that it has no such id.
   * @throws MillraceError MILLRACE_REGISTRY_UNAVAILABLE (retriable) or MILLRACE_SCHEMA_INVALID
   */
  readonly fetchSchema: (id: number) => Promise<AvroSchema | null>
  /**
   * Registers a schema under a subject and returns its id; the id it has when it is there already.
   * @throws MillraceError MILLRACE_REGISTRY_UNAVAILABLE (retriable) or MILLRACE_SCHEMA_REFUSED
   */
  readonly registerSchema: (subject: string, schema: AvroSchema) => Promise<number>
}

export interface RegistryOptions {
  /** `http://localhost:8081` */
  readonly url: string
  /** For basic authentication. */
  readonly auth?: { readonly username: string; readonly password: string }
  /** How long one request may take, in milliseconds (default: 5,000). */
  readonly timeoutMs?: number
}

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number]

/** What the registry answers to a question for a schema. */
interface Answer {
  readonly schema?: unknown
  readonly schemaType?: unknown
  readonly references?: readonly { readonly subject: string; readonly version: number }[]
}

/** Makes a client. Nothing is asked until the first call. */
export function createRegistryClient(options: RegistryOptions): RegistryClient {
  /** Answers by path, as they passed by. */
  const answers = new Map<string, Answer>()
  const connect = (): SchemaRegistry =>
    new SchemaRegistry({
      host: options.url.replace(/\/+$/, ''),
      ...(options.auth === undefined ? {} : { auth: options.auth }),
      retry: { retries: 0, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 1, factor: 0.2, multiplier: 2 },
      middlewares: [timeLimit(options.timeoutMs ?? 5_000), listening(answers)],
    })
  // An instance that has registered a schema has it in its cache and would not ask for its text: two do not share one.
  const reader = connect()
  const writer = connect()
  return {
    fetchSchema: (id) => fetchSchema(reader, answers, options.url, id),
    registerSchema: (subject, schema) => registerSchema(writer, options.url, subject, schema),
  }
}

async function fetchSchema(
  registry: SchemaRegistry,
  answers: Map<string, Answer>,
  url: string,
  id: number,
): Promise<AvroSchema | null> {
  try {
    await registry.getSchema(id)
  } catch (error) {
    const status = statusOf(error)
    if (status === 404) return null
    if (status !== null) throw unavailable(url, error)
    // Without a status it is avsc that could not compile the schema; whether we can is for our own parser to say.
  }
  const answer = answers.get(`/schemas/ids/${id}`)
  if (answer === undefined) throw unavailable(url, new Error('it answered without a schema'))
  const texts = [answer, ...referenced(answer, answers, 0)].map(({ schema }) => schema)
  if ((answer.schemaType ?? 'AVRO') !== 'AVRO' || !texts.every((text) => typeof text === 'string')) {
    throw new MillraceError('MILLRACE_SCHEMA_INVALID', `Schema ${id} of the registry at ${url} is not an Avro schema.`)
  }
  const [main, ...others] = texts.map((text) => parseText(text, id))
  return inlineSchema(main as AvroSchema, others)
}

/** The answers that a schema refers to, and those that these refer to. */
function referenced(answer: Answer, answers: ReadonlyMap<string, Answer>, depth: number): Answer[] {
  if (depth > 20) return []
  return (answer.references ?? []).flatMap(({ subject, version }) => {
    const found = answers.get(`/subjects/${encodeURIComponent(subject)}/versions/${version}`)
    return found === undefined ? [] : [found, ...referenced(found, answers, depth + 1)]
  })
}

function parseText(text: string, id: number): AvroSchema {
  try {
    return JSON.parse(text) as AvroSchema
  } catch {
    // A bare name is a schema too: `string` as well as `"string"`.
    if (/^[\w.]+$/.test(text)) return text
    throw new MillraceError('MILLRACE_SCHEMA_INVALID', `Schema ${id} of the registry is not JSON.`)
  }
}

async function registerSchema(
  registry: SchemaRegistry,
  url: string,
  subject: string,
  schema: AvroSchema,
): Promise<number> {
  const confluent = { type: SchemaType.AVRO, schema: JSON.stringify(schema) } as const
  const register = async (compatibility: COMPATIBILITY): Promise<number> => {
    const { id } = await registry.register(confluent, { subject, compatibility, updateConfig: false })
    return id
  }
  try {
    return await register(COMPATIBILITY.BACKWARD).catch((error: unknown) => {
      // The level is the business of whoever set it: the library names it in the error and is then told the same.
      const level =
        error instanceof Error ? /^Compatibility does not match .* != (\w+)\)$/.exec(error.message)?.[1] : undefined
      if (level === undefined || !(level in COMPATIBILITY)) throw error
      return register(COMPATIBILITY[level as keyof typeof COMPATIBILITY])
    })
  } catch (error) {
    const status = statusOf(error)
    if (status === 409 || status === 422 || status === null) {
      const reason = messageOf(error)
      throw new MillraceError(
        'MILLRACE_SCHEMA_REFUSED',
        `The registry at ${url} refused the schema for subject ${subject}: ${reason}. Run \`millrace schemas check --against registry\` to see which field breaks whom.`,
        { context: { subject }, cause: error },
      )
    }
    throw unavailable(url, error)
  }
}

function timeLimit(timeoutMs: number): Middleware {
  return () => ({
    prepareRequest: async (next) => (await next()).enhance({ timeout: timeoutMs }),
  })
}

function listening(answers: Map<string, Answer>): Middleware {
  return () => ({
    response: async (next) => {
      const response = await next()
      const path = response.request().path().split('?')[0] ?? ''
      const body: unknown = response.data()
      if (typeof body === 'object' && body !== null && 'schema' in body) answers.set(path, body)
      return response
    },
  })
}

/**
 * The status that a registry answered with; null for an error that is no answer to a request (a schema that the library itself
 * refuses). The library words the two kinds differently: only a registry's own error carries the registry's message.
 */
function statusOf(error: unknown): number | null {
  if (error instanceof TypeError) return 503
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null
  return / - Error, status \d+/.test(error.message) ? 503 : error.status
}

function unavailable(url: string, cause: unknown): MillraceError {
  const reason = messageOf(cause)
  return new MillraceError(
    'MILLRACE_REGISTRY_UNAVAILABLE',
    `The schema registry at ${url} did not answer: ${reason}. Check SCHEMA_REGISTRY_URL and that the registry runs; the call is tried again.`,
    { retriable: true, cause },
  )
}
