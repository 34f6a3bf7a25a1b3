// `millrace parked list`: what could not be applied, grouped by cause, or one by one.
import { type ParkedGroup, ParkingDesk, type ParkedSummary } from '../../parking/parking-desk.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { keyText } from '../key-text.ts'
import { readTextOption } from '../read-text-option.ts'
import { readWholeNumber } from '../read-whole-number.ts'
import { resolveConsumer } from '../resolve-consumer.ts'
import { table } from '../table.ts'
import { withProject } from '../with-project.ts'

const DEFAULT_LIMIT = 100

export const parkedList: Command = {
  name: 'parked list',
  summary: 'Lists parked events: grouped by what they failed with, or one by one.',
  options: {
    consumer: { type: 'string', value: '<consumer>', description: 'Only those of one consumer.' },
    each: { type: 'boolean', description: 'Lists the events themselves, in the order of the log.' },
    limit: { type: 'string', value: '<n>', description: `With --each: at most so many (default: ${DEFAULT_LIMIT}).` },
  },
  run: (invocation) =>
    withProject(invocation, async ({ definitions }, { database }) => {
      const { json, print, options } = invocation
      const named = readTextOption(invocation, 'consumer')
      const consumer = named === null ? null : resolveConsumer(named, definitions)
      const limit = Number(readWholeNumber(readTextOption(invocation, 'limit') ?? String(DEFAULT_LIMIT), '--limit'))
      const desk = new ParkingDesk(database)
      if (options['each'] === true) {
        const events = await desk.list(consumer, limit)
        print(json ? jsonText(events.map(summaryJson)) : eventsText(events))
        return exitCodes.done
      }
      const groups = await desk.groups(consumer)
      print(json ? jsonText(groups) : groupsText(groups))
      return exitCodes.done
    }),
}

function summaryJson(event: ParkedSummary): unknown {
  return { ...event, key: keyText(event.key) }
}

function groupsText(groups: readonly ParkedGroup[]): string {
  if (groups.length === 0) return 'nothing is parked'
  const rows = groups.map((group) => [
    group.consumer,
    group.reason,
    group.parked,
    group.waiting,
    group.behind,
    group.requested,
    group.fingerprint,
    oneLine(group.detail),
  ])
  return [
    table(['consumer', 'reason', 'parked', 'waiting', 'behind', 'requested', 'group', 'latest failure'], rows),
    '',
    'When the cause is gone: millrace parked redrive <consumer> --group <group>',
    'One by one:             millrace parked list --each',
  ].join('\n')
}

function eventsText(events: readonly ParkedSummary[]): string {
  if (events.length === 0) return 'nothing is parked'
  const rows = events.map((event) => [
    event.consumer,
    event.topic,
    event.partition,
    event.offset,
    event.status,
    event.reason,
    event.attempts,
    event.eventType,
    keyText(event.key),
    oneLine(event.detail),
  ])
  const columns = ['consumer', 'topic', 'partition', 'offset', 'status', 'reason', 'attempts', 'type', 'key', 'failure']
  return table(columns, rows)
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
