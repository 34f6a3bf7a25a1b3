// `millrace parked show`: one parked event, decoded where it can be.
import type { LogRecord } from '../../kafka/record.ts'
import { type ParkedDetail, ParkingDesk } from '../../parking/parking-desk.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { readPosition } from '../read-position.ts'
import { RecordViewer } from '../record-view.ts'
import { resolveConsumer } from '../resolve-consumer.ts'
import { withProject } from '../with-project.ts'

export const parkedShow: Command = {
  name: 'parked show',
  arguments: '<consumer> <topic> <partition> <offset>',
  summary: 'Shows a parked event: why, since when, its envelope and its data.',
  description: 'Where the data cannot be decoded, its bytes are shown in hex, with the reason.',
  run: (invocation) =>
    withProject(invocation, async ({ definitions }, { database, registry }) => {
      const [name, ...place] = invocation.positionals
      const consumer = resolveConsumer(name, definitions)
      const position = readPosition(place)
      const found = await new ParkingDesk(database).find(consumer, position)
      if (found === null) {
        invocation.note(
          `${consumer} has parked nothing at ${place.join(' ')}; \`millrace parked list --each\` shows what is parked`,
        )
        return exitCodes.failed
      }
      const [record] = await new RecordViewer(definitions.topics, registry, Date.now).view([recordOf(found)])
      const { status, reason, detail, fingerprint, attempts, dueAt, firstFailedAt, lastFailedAt } = found
      const parking = {
        consumer,
        status,
        reason,
        detail,
        group: fingerprint,
        attempts,
        dueAt,
        firstFailedAt,
        lastFailedAt,
      }
      invocation.print(
        invocation.json ? jsonText({ ...parking, record }) : `${linesOf(parking)}\n\n${linesOf({ ...record })}`,
      )
      return exitCodes.done
    }),
}

function recordOf(parked: ParkedDetail): LogRecord {
  const { topic, partition, offset, timestamp, key, value, headers } = parked
  return {
    topic,
    partition,
    offset,
    timestamp: Number(timestamp),
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
  }
}

/** One line a part; what has parts itself is JSON with indentation. */
function linesOf(parts: Readonly<Record<string, unknown>>): string {
  const width = Math.max(...Object.keys(parts).map((name) => name.length))
  return Object.entries(parts)
    .map(([name, part]) => `${name.padEnd(width)}  ${textOf(part)}`)
    .join('\n')
}

function textOf(part: unknown): string {
  if (part === null || part === undefined) return '-'
  if (part instanceof Date) return part.toISOString()
  if (typeof part === 'object') return JSON.stringify(JSON.parse(jsonText(part)), null, 2)
  return typeof part === 'string' ? part : jsonText(part)
}
