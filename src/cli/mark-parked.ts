// What `parked redrive` and `parked discard` have in common: which events are meant, the dry run, the mark.
import { consumersOf } from '../definition/consumers-of.ts'
import type { Database } from '../database/database.ts'
import type { Definitions } from '../definition/definitions.ts'
import { type DeskAction, ParkingDesk, type ParkedSelection } from '../parking/parking-desk.ts'
import { type CommandOption, exitCodes, type Invocation } from './command.ts'
import { jsonText } from './json-text.ts'
import { readActor } from './read-actor.ts'
import { readPosition } from './read-position.ts'
import { readTextOption } from './read-text-option.ts'
import { resolveConsumer } from './resolve-consumer.ts'
import { table } from './table.ts'
import { usageError } from './usage-error.ts'

/** What stands behind the name of both commands. */
export const markArguments = '<consumer> [<topic> <partition> <offset>]'

/** The options of both commands. */
export const markOptions: Readonly<Record<string, CommandOption>> = {
  group: { type: 'string', value: '<group>', description: 'All events of one cause, as `parked list` names it.' },
  all: { type: 'boolean', description: 'All parked events of the consumer.' },
  'dry-run': { type: 'boolean', description: 'Marks nothing; lists what would be touched.' },
}

/** Marks the events that an invocation means and resolves with the exit code. @throws MillraceError of the call or the database */
export async function markParked(
  invocation: Invocation,
  definitions: Definitions,
  database: Database,
  action: DeskAction,
): Promise<number> {
  const { json, print, note, options, env } = invocation
  const [name, ...place] = invocation.positionals
  const consumer = resolveConsumer(name, definitions)
  const selection = readSelection(invocation, place)
  const desk = new ParkingDesk(database)
  if (options['dry-run'] === true) {
    const events = await desk.preview(consumer, selection, action)
    const rows = events.map((event) => [event.topic, event.partition, event.offset, event.status, event.reason])
    if (json) print(jsonText({ consumer, action, dryRun: true, events: events.map(({ key: _key, ...rest }) => rest) }))
    else
      print(
        `${table(['topic', 'partition', 'offset', 'status', 'reason'], rows)}\n\n${events.length} events; nothing was marked`,
      )
    return exitCodes.done
  }
  const marked = await desk.mark(consumer, selection, action, readActor(env))
  if (json) print(jsonText({ consumer, action, marked }))
  else if (marked > 0) print(`${marked} events of ${consumer} are marked: ${outcome[action]}`)
  if (marked === 0) {
    if (!json) note(await whyNone(desk, consumer, selection, action))
    return exitCodes.failed
  }
  if (!consumersOf(definitions).some((each) => `${each.name}.v${each.version}` === consumer))
    note(`the project no longer defines ${consumer}: the mark is carried out when a process runs that version`)
  return exitCodes.done
}

const outcome = {
  redrive: 'the consumer runs them again, in order, and what is behind them after them',
  discard: 'the consumer drops them for good, and what is behind them runs then',
} as const satisfies Record<DeskAction, string>

function readSelection(invocation: Invocation, place: readonly string[]): ParkedSelection {
  const fingerprint = readTextOption(invocation, 'group')
  const all = invocation.options['all'] === true
  const given = [place.length > 0, fingerprint !== null, all].filter(Boolean).length
  if (given !== 1)
    throw usageError('say which events: <topic> <partition> <offset>, or --group <group>, or --all; one of the three')
  if (all) return { kind: 'all' }
  return fingerprint === null ? { kind: 'event', position: readPosition(place) } : { kind: 'group', fingerprint }
}

async function whyNone(
  desk: ParkingDesk,
  consumer: string,
  selection: ParkedSelection,
  action: DeskAction,
): Promise<string> {
  if (selection.kind === 'event') {
    const found = await desk.find(consumer, selection.position)
    if (found?.status === 'behind')
      return `that event only waits behind an earlier one of its key: ${action} the earlier one, and this one runs after it`
    if (found?.status === action) return `that event is marked already, and waits for the owner of its partition`
  }
  return `nothing was marked: ${consumer} has no such parked event. \`millrace parked list --each\` shows what is parked`
}
