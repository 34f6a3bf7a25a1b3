// `millrace topics tail`: the events of a topic as they come, one line each. It joins no group and leaves nothing behind.
import type { TopicAdmin } from '../../kafka/kafka-port.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { readTextOption } from '../read-text-option.ts'
import { readWholeNumber } from '../read-whole-number.ts'
import { type RecordView, RecordViewer } from '../record-view.ts'
import { usageError } from '../usage-error.ts'
import { withProject } from '../with-project.ts'

/** Further than any log reaches: the reader waits for what is not written yet. */
const NEVER = 2n ** 62n

export const topicsTail: Command = {
  name: 'topics tail',
  arguments: '<topic>',
  summary: 'Prints the events of a topic as they come: decoded where they can be, else in hex.',
  description:
    'In order within a partition; between partitions there is no order. Goes on until Ctrl-C, --limit, or the end with --no-wait.',
  options: {
    from: {
      type: 'string',
      value: '<start>',
      description: 'earliest, latest, an offset in each partition, or a time in ISO 8601 (default: latest).',
    },
    partition: { type: 'string', value: '<n>', description: 'Only one partition.' },
    limit: { type: 'string', value: '<n>', description: 'Ends after so many events.' },
    'no-wait': { type: 'boolean', description: 'Ends where the topic ends now (then --from is earliest by default).' },
  },
  run: (invocation) =>
    withProject(invocation, async ({ definitions }, { kafka, registry }) => {
      const { positionals, options, json, print, signal } = invocation
      const [topic] = positionals
      if (topic === undefined || positionals.length > 1)
        throw usageError('name one topic; `millrace topics list` has them')
      const limitText = readTextOption(invocation, 'limit')
      const limit = limitText === null ? Infinity : Number(readWholeNumber(limitText, '--limit'))
      const partition = readTextOption(invocation, 'partition')
      const isBounded = options['no-wait'] === true
      const from = readTextOption(invocation, 'from') ?? (isBounded ? 'earliest' : 'latest')
      const ranges = (await startsOf(kafka.admin, topic, from)).map(({ high, ...start }) => ({
        ...start,
        to: isBounded ? high : NEVER,
      }))
      const wanted = ranges.filter(
        (range) =>
          range.from < range.to &&
          (partition === null || range.partition === Number(readWholeNumber(partition, '--partition'))),
      )
      const viewer = new RecordViewer(definitions.topics, registry, Date.now)
      const enough = new AbortController()
      let printed = 0
      const stop = AbortSignal.any([signal, enough.signal])
      if (limit === 0) return exitCodes.done
      try {
        await kafka.reader.read(
          wanted,
          async ({ records }) => {
            for (const view of await viewer.view(records)) {
              if (printed >= limit) break
              print(json ? jsonText(view) : lineOf(view))
              printed += 1
            }
            if (printed >= limit) enough.abort()
          },
          stop,
        )
      } catch (error) {
        // Ctrl-C and the limit are how it is meant to end.
        if (!stop.aborted) throw error
      }
      return exitCodes.done
    }),
}

interface Start {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  readonly high: bigint
}

async function startsOf(admin: TopicAdmin, topic: string, from: string): Promise<readonly Start[]> {
  const names = (await admin.describe()).map(({ name }) => name)
  if (!names.includes(topic))
    throw usageError(`there is no topic '${topic}'; there are ${names.sort().join(', ') || 'none'}`)
  const marks = await admin.watermarks(topic)
  if (from === 'earliest') return marks.map(({ partition, low, high }) => ({ topic, partition, from: low, high }))
  if (from === 'latest') return marks.map(({ partition, high }) => ({ topic, partition, from: high, high }))
  if (/^\d+$/.test(from)) {
    const offset = readWholeNumber(from, '--from')
    return marks.map(({ partition, low, high }) => ({ topic, partition, from: offset < low ? low : offset, high }))
  }
  const time = Date.parse(from)
  if (Number.isNaN(time))
    throw usageError(`--from: expected earliest, latest, an offset or a time in ISO 8601, received '${from}'`)
  const offsets = new Map((await admin.offsetsAt(topic, time)).map(({ partition, offset }) => [partition, offset]))
  return marks.map(({ partition, high }) => ({ topic, partition, from: offsets.get(partition) ?? high, high }))
}

function lineOf(view: RecordView): string {
  const { topic, partition, offset, time, type, key, data, tombstone, undecodable, hex } = view
  const content =
    tombstone === true ? '(tombstone)' : undecodable === undefined ? jsonText(data) : `(${undecodable}) ${hex ?? ''}`
  return `${topic} ${partition} ${offset}  ${time}  ${type ?? '-'}  ${key ?? '-'}  ${content}`
}
