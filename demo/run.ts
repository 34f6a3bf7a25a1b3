// npm run demo -- --seed 1 [--messages 1000]: fifty people send messages over HTTP; every request has to end as the seed foretells.
// Exit code 0: all of them did. 1: one did not. 2: it could not be played.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { planMessages } from './plan-messages.ts'
import type { PlannedMessage } from './plan-messages.ts'
import { postMessage } from './post-message.ts'
import type { Accepted } from './post-message.ts'
import { printReport } from './print-report.ts'
import { progress } from './progress.ts'
import { readRequests } from './read-requests.ts'
import type { RequestRow } from './read-requests.ts'
import { requestIdOf } from './request-id-of.ts'
import { openStack } from './stack.ts'

const people = 50
/** How long the demo waits for the next request to end, in milliseconds. */
const patienceMs = 120_000

const write = (text: string): void => void process.stdout.write(text)
const bar = (label: string) => progress(label, process.stdout.isTTY, write)
const isEnded = ({ status, reply }: RequestRow): boolean =>
  !['unknown', 'received', 'requested'].includes(status) && (reply === 'delivered' || reply === 'failed')

/** Each person sends one message after the other; all people at once. */
async function sendAll(
  url: string,
  run: string,
  plan: readonly PlannedMessage[],
): Promise<ReadonlyMap<number, Accepted>> {
  const accepted = new Map<number, Accepted>()
  const draw = bar('sent')
  const sendOf = async (person: number): Promise<void> => {
    for (const message of plan.filter((candidate) => candidate.person === person)) {
      const post = {
        userId: `person-${person + 1}-${run}`,
        text: message.text,
        expiresAt: message.isExpired ? new Date(Date.now() - 60_000).toISOString() : null,
      }
      accepted.set(message.index, await postMessage(url, `${run}-${message.index}`, post))
      draw(accepted.size, plan.length)
    }
  }
  await Promise.all(Array.from({ length: people }, (_, person) => sendOf(person)))
  return accepted
}

/** Asks until every request has ended and been answered, or until nothing has ended for two minutes. */
async function awaitEnds(url: string, since: Date, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, RequestRow>> {
  const draw = bar('answered')
  let ended = -1
  let movedAt = Date.now()
  for (;;) {
    const rows = await readRequests(url, since).catch(() => new Map<string, RequestRow>())
    const count = [...rows.values()].filter((row) => ids.has(row.requestId) && isEnded(row)).length
    if (count !== ended) movedAt = Date.now()
    ended = count
    draw(ended, ids.size)
    if (ended === ids.size || Date.now() - movedAt > patienceMs) return rows
    await sleep(300)
  }
}

async function play(url: string, { seed, total }: Arguments): Promise<boolean> {
  const plan = planMessages(seed, people, total)
  const run = `${seed}-${randomBytes(3).toString('hex')}`
  // A little earlier than now, since the gateway's clock may be another.
  const since = new Date(Date.now() - 60_000)
  write(`${people} people send ${total.toLocaleString('en')} messages to ${url}; seed ${seed}, run ${run}\n`)
  const accepted = await sendAll(url, run, plan)
  const idOf = ({ index }: PlannedMessage): string => requestIdOf(accepted.get(index)?.messageId ?? '')
  const rows = await awaitEnds(url, since, new Set(plan.map(idOf)))
  const ended = plan.map((message) => ({ message, row: rows.get(idOf(message)) }))
  const acceptMs = [...accepted.values()].map((message) => message.acceptMs)
  await printReport(
    url,
    write,
    acceptMs,
    ended.flatMap(({ row }) => row ?? []),
  )
  const wrong = ended.filter(({ message, row }) => row === undefined || row.status !== message.fate || !isEnded(row))
  write(`\nas the seed foretells: ${(total - wrong.length).toLocaleString('en')} of ${total.toLocaleString('en')}\n`)
  for (const { message, row } of wrong.slice(0, 10))
    write(
      `  message ${message.index} of person ${message.person + 1}, "${message.text}": foretold ${message.fate}, ` +
        `is ${row?.status ?? 'not there'}, reply ${row?.reply ?? 'none'} (request ${idOf(message)})\n`,
    )
  return wrong.length === 0
}

interface Arguments {
  readonly seed: number
  /** How many messages are sent. */
  readonly total: number
}

function readArguments(): Arguments {
  const options = { seed: { type: 'string', default: '1' }, messages: { type: 'string', default: '1000' } } as const
  const { seed, messages } = parseArgs({ options }).values
  const wholeNumber = (name: string, text: string, least: number): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least) return value
    throw new TypeError(`--${name} ${text}: expected a whole number from ${least}`)
  }
  return { seed: wholeNumber('seed', seed, 0), total: wholeNumber('messages', messages, 1) }
}

async function main(): Promise<number> {
  const chosen = readArguments()
  const stack = await openStack({ isFresh: true, seed: chosen.seed, env: process.env })
  const interrupted = (): void => void stack.stop().then(() => process.exit(130))
  process.once('SIGINT', interrupted)
  try {
    return (await play(stack.url, chosen)) ? 0 : 1
  } finally {
    await stack.stop()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
