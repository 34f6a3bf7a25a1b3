// A query: a route of the API over read models, beyond those that every model has for free.
import type { Context } from 'hono'
import type { MillracePrismaClient } from './define-producer.ts'
import type { ModelName } from './table.ts'

/** One parameter of a query, for the OpenAPI page. */
export interface QueryParameter {
  /** As it stands in the path or in the query string. */
  readonly name: string
  readonly in: 'path' | 'query'
  /** One sentence for people who call the route. */
  readonly description: string
  /** Whether the page says that it must be given; the route itself checks (default: false; one in the path always is). */
  readonly required?: boolean
}

export interface QueryOptions {
  /** Kebab case, the name of the file. */
  readonly name: string
  /** The route in Hono's form: `/notes/:noteId`. Answered on GET. */
  readonly path: string
  /** One sentence for the OpenAPI page. */
  readonly summary: string
  /** The models it reads. `?after=<token>&wait=` waits for their consumers; the answer names the position they reflect. */
  readonly reads: readonly ModelName[]
  /** Documents its parameters. Path parameters that are not listed are added. */
  readonly parameters?: readonly QueryParameter[]
  /** Answers one request. Rows are read inside one snapshot together with the position in the answer's header. */
  readonly handle: (context: Context, tools: { readonly prisma: MillracePrismaClient }) => Promise<Response> | Response
}

/** A query's definition. */
export interface Query extends QueryOptions {
  readonly kind: 'query'
}

/** Defines a query. Inert: no route is opened. */
export function defineQuery(options: QueryOptions): Query {
  return Object.freeze({ kind: 'query', ...options })
}
