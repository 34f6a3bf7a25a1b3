// The user's own queries as routes. Each runs in one snapshot, from which its position is read too, and takes `after` and
// `wait` like the models' own routes. The snapshot is a transaction that only the server bounds (src/database/connect.ts).
import { type Context, Hono } from 'hono'
import type { Database } from '../database/database.ts'
import type { PrismaTransactionLike } from '../database/prisma-client-like.ts'
import type { MillracePrismaClient } from '../definition/define-producer.ts'
import type { Query } from '../definition/define-query.ts'
import type { PositionTokens } from '../topic/position-token.ts'
import { type AnswerPosition, answerPosition, type CheckpointEntry } from './answer-position.ts'
import { answerTagged } from './entity-tag.ts'
import { positionHeader } from './model-routes.ts'
import type { ModelSource } from './model-sources.ts'
import type { ReadAfter } from './read-after.ts'
import { withinTime } from './within-time.ts'

export interface UserQueryOptions {
  readonly queries: readonly Query[]
  readonly sources: ReadonlyMap<string, readonly ModelSource[]>
  readonly database: Pick<Database, 'prisma'>
  readonly tokens: PositionTokens
  readonly readAfter: ReadAfter
  /** How long a client waits for the database, in milliseconds. */
  readonly queryTimeoutMs: number
}

/** Routes of the user's queries. */
export function userQueryRoutes(options: UserQueryOptions): Hono {
  const { queries, sources, database, tokens, readAfter, queryTimeoutMs } = options
  const routes = new Hono()
  const client = snapshotClient(database.prisma)
  for (const query of queries) {
    const read = sourcesOf(query, sources)
    routes.get(query.path, async (c) => {
      await readAfter(query.name, read, new URL(c.req.url).searchParams)
      const { response, position } = await withinTime(
        queryTimeoutMs,
        client.$transaction(
          async (transaction) => ({
            // The first statement takes the snapshot that all later ones see.
            position: await readPosition(asTransaction(transaction), read, tokens),
            response: await query.handle(c, { prisma: transaction }),
          }),
          { isolationLevel: 'RepeatableRead' },
        ),
      )
      return finish(c, response, position)
    })
  }
  return routes
}

/** A Prisma client as far as this room needs it, whatever the project's models are. */
interface SnapshotClient {
  $transaction<Result>(
    work: (transaction: MillracePrismaClient) => Promise<Result>,
    options: { readonly isolationLevel: 'RepeatableRead' },
  ): Promise<Result>
}

function snapshotClient(prisma: unknown): SnapshotClient {
  return prisma as SnapshotClient
}

function asTransaction(transaction: unknown): PrismaTransactionLike {
  return transaction as PrismaTransactionLike
}

/** A consumer that writes several of the models counts once. */
function sourcesOf({ reads }: Query, sources: ReadonlyMap<string, readonly ModelSource[]>): readonly ModelSource[] {
  const byConsumer = new Map<string, ModelSource>()
  for (const source of reads.flatMap((model) => sources.get(model) ?? [])) byConsumer.set(source.consumer, source)
  return [...byConsumer.values()]
}

async function readPosition(
  transaction: PrismaTransactionLike,
  sources: readonly ModelSource[],
  tokens: PositionTokens,
): Promise<AnswerPosition> {
  const rows = (await transaction.$queryRawUnsafe(
    `SELECT topic, partition, next_offset::text AS next FROM millrace.checkpoint
     WHERE consumer IN (SELECT millrace.live_consumer(json_array_elements_text($1::text::json)))`,
    JSON.stringify(sources.map(({ consumer }) => consumer)),
  )) as { topic: string; partition: number; next: string }[]
  const checkpoints = rows.map(({ topic, partition, next }): CheckpointEntry => [topic, partition, next])
  return answerPosition(checkpoints, sources, tokens)
}

/** Adds position and tag; the body and everything else stay as the query made them. */
async function finish(c: Context, response: Response, position: AnswerPosition): Promise<Response> {
  const isTaggable =
    response.status === 200 &&
    !response.headers.has('etag') &&
    (response.headers.get('content-type') ?? '').startsWith('application/json')
  if (!isTaggable) {
    const headers = new Headers(response.headers)
    headers.set(positionHeader, position.token)
    return new Response(response.body, { status: response.status, headers })
  }
  c.header(positionHeader, position.token)
  const text = await response.text()
  return answerTagged(c, text, text)
}
