import { describe, expect, it } from 'vitest'
import { defineTopic } from '../definition/define-topic.ts'
import type { KafkaPort } from '../kafka/kafka-port.ts'
import type { LogRecord } from '../kafka/record.ts'
import { auditConsumers, type AuditRow } from './audit-consumers.ts'

interface Books {
  readonly topic?: string
  readonly next: bigint
  readonly applied?: bigint
  readonly parked?: bigint
}

/** Topics `plain` and `compacted`, each with records at the offsets given and high watermark 10. */
async function audit(books: readonly Books[], offsets: readonly bigint[], low = 0n): Promise<readonly AuditRow[]> {
  const kafka = {
    admin: {
      describe: () =>
        Promise.resolve([
          { name: 'plain', partitions: 1 },
          { name: 'compacted', partitions: 1 },
        ]),
      watermarks: () => Promise.resolve([{ partition: 0, low, high: 10n }]),
    },
    reader: {
      read: async (
        ranges: readonly { topic: string; partition: number; from: bigint; to: bigint }[],
        onBatch: (batch: never) => Promise<void>,
      ) => {
        for (const { topic, partition, from, to } of ranges) {
          const records = offsets
            .filter((offset) => offset >= from && offset < to)
            .map((offset) => ({ offset }) as LogRecord)
          await onBatch({ topic, partition, records } as never)
        }
      },
    },
  } as unknown as KafkaPort
  const rows = books.map(({ topic = 'plain', next, applied = 0n, parked = 0n }, index) => {
    return { consumer: `c${index}.v1`, topic, partition: 0, next, applied, repeated: 0n, filtered: 0n, parked }
  })
  return auditConsumers({
    database: { query: <Row>() => Promise.resolve(rows as Row[]), execute: () => Promise.resolve(0) },
    kafka,
    topics: [defineTopic({ name: 'compacted', key: 'id', events: [], cleanup: 'compact' })],
    consumer: null,
    onRead: () => undefined,
    signal: new AbortController().signal,
  })
}

describe('auditConsumers', () => {
  it('finds the books right when each record below the checkpoint was counted once', async () => {
    const [first, second] = await audit(
      [
        { next: 5n, applied: 2n, parked: 1n },
        { next: 9n, applied: 4n },
      ],
      [0n, 1n, 4n, 8n],
    )
    expect(first).toMatchObject({ counted: 3n, records: 3n, verdict: 'ok' })
    expect(second).toMatchObject({ counted: 4n, records: 4n, verdict: 'ok' })
  })

  it('tells a record that was skipped and one that was counted twice', async () => {
    const rows = await audit(
      [
        { next: 5n, applied: 2n },
        { next: 5n, applied: 4n },
      ],
      [0n, 1n, 4n],
    )
    expect(rows.map(({ verdict }) => verdict)).toEqual(['differs', 'differs'])
  })

  it('tells a checkpoint that lies beyond the log', async () => {
    expect(await audit([{ next: 11n, applied: 1n }], [0n])).toMatchObject([{ verdict: 'beyond the log' }])
  })

  it('does not claim what compaction or retention made impossible to count, but too few counted is still wrong', async () => {
    const compacted = { topic: 'compacted', next: 5n }
    expect(await audit([{ ...compacted, applied: 5n }], [4n])).toMatchObject([{ verdict: 'cannot tell' }])
    expect(await audit([{ ...compacted, applied: 0n }], [4n])).toMatchObject([{ verdict: 'differs' }])
    expect(await audit([{ next: 5n, applied: 5n }], [4n], 4n)).toMatchObject([{ verdict: 'cannot tell' }])
  })
})
