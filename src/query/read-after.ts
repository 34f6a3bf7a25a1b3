// `?after=<token>&wait=2s`: reads your own write. The answer is made only when every consumer of the asked models that reads a
// topic of the token has passed its positions, and none of its events was parked on the way.
import type { Database } from '../database/database.ts'
import type { FieldProblem } from '../errors/field-problem.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Position } from '../kafka/record.ts'
import type { PositionTokens, TokenContent } from '../topic/position-token.ts'
import type { ModelSource } from './model-sources.ts'
import { single } from './model-query.ts'
import type { AwaitedConsumer, PositionWatch } from './position-watch.ts'
import { queryProblem } from './query-problem.ts'

export interface ReadAfterOptions {
  readonly database: Pick<Database, 'query'>
  readonly tokens: PositionTokens
  readonly watch: PositionWatch
  /** The longest `wait`, in milliseconds. */
  readonly maxWaitMs: number
}

/**
 * Waits as a request asks; a request without `after` goes on at once.
 * @param what names what is read, for errors
 * @throws MillraceError `MILLRACE_QUERY_INVALID`, `MILLRACE_TOKEN_INVALID`, `MILLRACE_TOKEN_FOREIGN` when nothing reads the
 * token's topics, `MILLRACE_EVENT_PARKED`, `MILLRACE_WAIT_TIMEOUT` with the position reached
 */
export type ReadAfter = (what: string, sources: readonly ModelSource[], parameters: URLSearchParams) => Promise<void>

/** Makes `ReadAfter`. */
export function readAfter(options: ReadAfterOptions): ReadAfter {
  return async (what, sources, parameters) => {
    const problems: FieldProblem[] = []
    const token = single(parameters, 'after', problems)
    const wait = single(parameters, 'wait', problems)
    const waitMs = wait === null ? 0 : millisecondsOf(wait, options.maxWaitMs, problems)
    if (wait !== null && token === null)
      problems.push({ field: 'wait', detail: 'says how long to wait for a position; give after=<token> too' })
    if (problems.length > 0) throw queryProblem(problems)
    if (token === null) return
    const content = options.tokens.read(token)
    const awaited = awaitedConsumers(content, sources)
    // A token of nothing, as an empty project's answer carries it, was reached long ago.
    if (content.partitions.length === 0) return
    if (awaited.length === 0) throw foreign(what, content, sources)
    const outcome = await options.watch.wait(awaited, waitMs)
    if (outcome === 'timeout') throw await notReached(what, awaited, waitMs, options)
    if (content.kind === 'events') await refuseParked(content, awaited, options.database)
  }
}

function awaitedConsumers(content: TokenContent, sources: readonly ModelSource[]): AwaitedConsumer[] {
  return sources
    .map(({ consumer, topics }) => ({
      consumer,
      positions: content.partitions
        .filter(({ topic }) => topics.includes(topic))
        .map(({ topic, partition, runs }): Position => ({ topic, partition, offset: runs.at(-1)?.last ?? -1n })),
    }))
    .filter(({ positions }) => positions.length > 0)
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

function millisecondsOf(text: string, maxWaitMs: number, problems: FieldProblem[]): number {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text)
  const milliseconds = match === null ? Number.NaN : Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN)
  if (Number.isNaN(milliseconds) || milliseconds > maxWaitMs)
    problems.push({ field: 'wait', detail: `expected a time of at most ${maxWaitMs} ms, such as 500ms or 2s` })
  return milliseconds
}

function foreign(what: string, content: TokenContent, sources: readonly ModelSource[]): MillraceError {
  const asked = [...new Set(content.partitions.map(({ topic }) => topic))].join(', ')
  const read = [...new Set(sources.flatMap(({ topics }) => topics))].join(', ')
  return new MillraceError(
    'MILLRACE_TOKEN_FOREIGN',
    `The token is of ${asked}, which ${what} does not read. It reads ${read}. Wait with a token of one of these topics.`,
    { context: { problems: [{ field: 'after', detail: `expected a position in ${read}` }] } },
  )
}

async function notReached(
  what: string,
  awaited: readonly AwaitedConsumer[],
  waitMs: number,
  { database }: ReadAfterOptions,
): Promise<MillraceError> {
  const rows = await database.query<{ consumer: string; topic: string; partition: number; next: string }>(
    `SELECT a.consumer, c.topic, c.partition, c.next_offset::text AS next
     FROM json_array_elements_text($1::text::json) AS a(consumer)
     JOIN millrace.checkpoint c ON c.consumer = millrace.live_consumer(a.consumer)`,
    JSON.stringify(awaited.map(({ consumer }) => consumer)),
  )
  const position = awaited.flatMap(({ consumer, positions }) =>
    positions.map(({ topic, partition, offset }) => {
      const row = rows.find((row) => row.consumer === consumer && row.topic === topic && row.partition === partition)
      return { consumer, topic, partition, next: row?.next ?? '0', awaited: (offset + 1n).toString() }
    }),
  )
  return new MillraceError(
    'MILLRACE_WAIT_TIMEOUT',
    `${what} did not reach the position within ${waitMs} ms. Ask again with the same token, or wait longer.`,
    { retriable: true, context: { position } },
  )
}

/** An event that was parked is passed without being applied: to answer as if it had been would be a lie. */
async function refuseParked(
  content: TokenContent,
  awaited: readonly AwaitedConsumer[],
  database: Pick<Database, 'query'>,
): Promise<void> {
  const runs = awaited.flatMap(({ consumer, positions }) =>
    positions.flatMap(({ topic, partition }) =>
      content.partitions
        .filter((of) => of.topic === topic && of.partition === partition)
        .flatMap((of) =>
          of.runs.map(({ first, last }) => ({ consumer, topic, partition, first: `${first}`, last: `${last}` })),
        ),
    ),
  )
  const [parked] = await database.query<{
    consumer: string
    topic: string
    partition: number
    offset: string
    status: string
    reason: string
    count: number
  }>(
    `SELECT p.consumer, p.topic, p.partition, p.record_offset::text AS offset, p.status, p.reason, count(*) OVER ()::int AS count
     FROM millrace.parked p
     JOIN json_to_recordset($1::text::json) AS a(consumer text, topic text, partition int, first bigint, last bigint)
       ON p.consumer = millrace.live_consumer(a.consumer) AND p.topic = a.topic AND p.partition = a.partition
         AND p.record_offset BETWEEN a.first AND a.last
     ORDER BY p.topic, p.partition, p.record_offset LIMIT 1`,
    JSON.stringify(runs),
  )
  if (parked === undefined) return
  const { consumer, topic, partition, offset, status, reason, count } = parked
  const what = count === 1 ? 'The event is' : `${count} of the events are`
  throw new MillraceError(
    'MILLRACE_EVENT_PARKED',
    `${what} parked by ${consumer} and not applied: ${topic}[${partition}]@${offset} is ${status}, ${reason}. 'millrace parked list' shows it.`,
    { context: { consumer, topic, partition, offset: BigInt(offset), parkedAs: status, reason } },
  )
}
