import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBroker, type Broker } from '../../embedded/broker/start-broker.ts'
import { silentLogger } from '../../tests/fixtures/silent-logger.ts'
import { until } from '../../tests/fixtures/until.ts'
import { connectKafka } from './connect-kafka.ts'
import type { BatchOutcome, FetchedBatch, GroupHandler, KafkaPort, RecordProducer } from './kafka-port.ts'
import type { NewRecord, Position, TopicPartition } from './record.ts'

let broker: Broker
let kafka: KafkaPort
let producer: RecordProducer

beforeAll(async () => {
  broker = await startBroker({ groupInitialRebalanceDelayMs: 0 })
  kafka = connectKafka({ brokers: [broker.address], clientId: 'test' }, silentLogger)
  producer = await kafka.createProducer()
})
afterAll(async () => {
  await kafka.close()
  await broker.stop()
})

const record = (topic: string, partition: number, value: string): NewRecord => ({
  topic,
  partition,
  key: null,
  value: Buffer.from(value),
  headers: {},
})
const identity = ({ topic, partition }: TopicPartition): string => `${topic} ${partition}`

async function fill(topic: string, partitions: number, each: number): Promise<void> {
  await kafka.admin.create([{ name: topic, partitions, configs: {} }])
  await write(topic, partitions, each)
}

async function write(topic: string, partitions: number, each: number): Promise<void> {
  const count = partitions * each
  await producer.send(Array.from({ length: count }, (_, index) => record(topic, index % partitions, `${index}`)))
}

/** The consumer of a group as the engine will be: checkpoints, each guarded by the epoch of the last assignment. */
class Checkpoints {
  readonly next = new Map<string, bigint>()
  readonly epochs = new Map<string, number>()
  readonly seen: string[] = []
  readonly faults: string[] = []
  readonly owners = new Map<string, string>()

  handler(
    name: string,
    batch?: (batch: FetchedBatch, signal: AbortSignal) => Promise<BatchOutcome | undefined>,
  ): GroupHandler {
    const epochs = new Map<string, number>()
    const running = new Set<string>()
    return {
      assigned: (partitions) => {
        for (const tp of partitions) {
          if (running.has(identity(tp))) this.faults.push(`assigned while a batch of ${identity(tp)} runs`)
          const epoch = (this.epochs.get(identity(tp)) ?? 0) + 1
          this.epochs.set(identity(tp), epoch)
          epochs.set(identity(tp), epoch)
          this.owners.set(identity(tp), name)
        }
        return Promise.resolve(partitions.map((tp) => ({ ...tp, offset: this.next.get(identity(tp)) ?? 0n })))
      },
      batch: async (fetched, signal) => {
        const tp = identity(fetched)
        if (running.has(tp)) this.faults.push(`two batches of ${tp} at once`)
        running.add(tp)
        try {
          return (await batch?.(fetched, signal)) ?? this.commit(fetched, epochs.get(tp))
        } finally {
          running.delete(tp)
        }
      },
      revoked: () => undefined,
    }
  }

  commit(fetched: FetchedBatch, epoch: number | undefined): BatchOutcome {
    const tp = identity(fetched)
    if (this.epochs.get(tp) !== epoch) return { kind: 'fenced' }
    if (fetched.fetchedOffset !== (this.next.get(tp) ?? 0n)) {
      this.faults.push(`${tp} fetched at ${fetched.fetchedOffset}, not at ${this.next.get(tp) ?? 0n}`)
      return { kind: 'aborted' }
    }
    for (const { offset } of fetched.records) this.seen.push(`${tp} ${offset}`)
    this.next.set(tp, fetched.nextOffset)
    return { kind: 'committed', next: fetched.nextOffset }
  }

  outcome(): { readonly faults: readonly string[]; readonly records: number; readonly repeats: number } {
    const records = this.seen.length
    return { faults: this.faults, records, repeats: records - new Set(this.seen).size }
  }
}

/** Every record once, none twice, no fault on the way. */
const exactly = (records: number) => ({ faults: [], records, repeats: 0 })

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('group member', () => {
  it('reads from where the handler says, and waits for it (K1)', async () => {
    await fill('member.start', 1, 10)
    const asked = gate()
    const decided = gate()
    const read: bigint[] = []
    const member = await kafka.joinGroup({
      groupId: 'member.start',
      topics: ['member.start'],
      handler: {
        assigned: async (partitions) => {
          asked.open()
          await decided.opened
          return partitions.map((tp): Position => ({ ...tp, offset: 7n }))
        },
        batch: ({ records, nextOffset }) => {
          read.push(...records.map(({ offset }) => offset))
          return Promise.resolve({ kind: 'committed', next: nextOffset })
        },
        revoked: () => undefined,
      },
    })
    await asked.opened
    await write('member.start', 1, 2)
    expect(read).toEqual([])
    decided.open()
    await until('the end was read', () => read.at(-1) === 11n)
    expect(read).toEqual([7n, 8n, 9n, 10n, 11n])
    await member.stop()
    expect(await kafka.admin.committed('member.start', ['member.start'])).toEqual([
      { topic: 'member.start', partition: 0, offset: 12n },
    ])
  })

  it('leaves partitions paused that the handler says nothing of', async () => {
    await fill('member.paused', 2, 5)
    const checkpoints = new Checkpoints()
    const handler = checkpoints.handler('one')
    const member = await kafka.joinGroup({
      groupId: 'member.paused',
      topics: ['member.paused'],
      handler: {
        ...handler,
        assigned: async (partitions, signal) =>
          (await handler.assigned(partitions, signal)).filter(({ partition }) => partition === 1),
      },
    })
    await until('partition 1 was read', () => checkpoints.seen.length === 5)
    expect(member.owned()).toEqual([{ topic: 'member.paused', partition: 1, offset: 5n }])
    await member.stop()
    expect(checkpoints.outcome()).toEqual(exactly(5))
  })

  it('stays a member while a handler runs for longer than the session', async () => {
    await fill('member.slow', 2, 3)
    const checkpoints = new Checkpoints()
    let slow = 0
    const member = await kafka.joinGroup({
      groupId: 'member.slow',
      topics: ['member.slow'],
      sessionTimeoutMs: 400,
      handler: checkpoints.handler('one', async ({ partition }, signal) => {
        if (partition !== 0) return undefined
        const started = Date.now()
        await until('three sessions have passed', () => Date.now() - started > 1_200)
        slow += 1
        expect(signal.aborted).toBe(false)
        return undefined
      }),
    })
    // The other partition goes on meanwhile.
    await until('partition 1 was read', () => checkpoints.seen.length === 3)
    await write('member.slow', 2, 1)
    await until('partition 1 was read on', () => checkpoints.seen.includes('member.slow 1 3'))
    expect(slow).toBe(0)
    await until('all was read', () => checkpoints.seen.length === 8)
    expect([...checkpoints.epochs.values()]).toEqual([1, 1])
    await member.stop()
    // The group took its commit: had it been evicted, the mirror would be missing.
    const mirrored = await kafka.admin.committed('member.slow', ['member.slow'])
    expect(mirrored.map(({ offset }) => offset)).toEqual([4n, 4n])
    expect(checkpoints.outcome()).toEqual(exactly(8))
  })

  it('shares partitions with a member that joins in the middle of a batch, and takes them back when it leaves', async () => {
    await fill('member.shared.a', 4, 50)
    await fill('member.shared.b', 4, 50)
    const checkpoints = new Checkpoints()
    const topics = ['member.shared.a', 'member.shared.b']
    const held = gate()
    const first = await kafka.joinGroup({
      groupId: 'member.shared',
      topics,
      sessionTimeoutMs: 1_000,
      handler: checkpoints.handler('first', async (_, signal) => {
        // Runs until the rebalance tells it to end; then it may still commit, since the group waits for it.
        if (!signal.aborted)
          await Promise.race([held.opened, new Promise((resolve) => signal.addEventListener('abort', resolve))])
        return undefined
      }),
    })
    await until('the first has all', () => [...checkpoints.owners.values()].length === 8)
    const second = await kafka.joinGroup({ groupId: 'member.shared', topics, handler: checkpoints.handler('second') })
    held.open()
    await until(
      'the second has half',
      () => [...checkpoints.owners.values()].filter((owner) => owner === 'second').length === 4,
    )
    for (let partition = 0; partition < 4; partition += 1) {
      expect(checkpoints.owners.get(`member.shared.a ${partition}`)).toBe(
        checkpoints.owners.get(`member.shared.b ${partition}`),
      )
    }
    await until('all was read', () => checkpoints.seen.length === 400)
    await second.stop()
    await write('member.shared.a', 4, 10)
    await until('the first reads all again', () => checkpoints.seen.length === 440)
    expect(new Set(checkpoints.owners.values())).toEqual(new Set(['first']))
    await first.stop()
    expect(checkpoints.outcome()).toEqual(exactly(440))
  })

  it('drops a start that comes when the assignment is over, and asks again only after it (R7)', async () => {
    await fill('member.late', 2, 5)
    const checkpoints = new Checkpoints()
    const asked = gate()
    const over = gate()
    const answer = gate()
    const handler = checkpoints.handler('first')
    let asking = 0
    let questions = 0
    const first = await kafka.joinGroup({
      groupId: 'member.late',
      topics: ['member.late'],
      sessionTimeoutMs: 1_000,
      handler: {
        ...handler,
        assigned: async (partitions, signal) => {
          questions += 1
          if (asking > 0) checkpoints.faults.push('asked twice at once')
          asking += 1
          if (questions === 1) {
            asked.open()
            signal.addEventListener('abort', () => over.open())
            await answer.opened
            asking -= 1
            return partitions.map((tp) => ({ ...tp, offset: 3n }))
          }
          asking -= 1
          return handler.assigned(partitions, signal)
        },
      },
    })
    await asked.opened
    const second = await kafka.joinGroup({
      groupId: 'member.late',
      topics: ['member.late'],
      handler: checkpoints.handler('second'),
    })
    await over.opened
    answer.open()
    await until('all was read', () => checkpoints.seen.length === 10)
    await Promise.all([first.stop(), second.stop()])
    expect(checkpoints.outcome()).toEqual(exactly(10))
  })

  it('stops at once while the group waits for another member', async () => {
    await fill('member.waiting', 2, 1)
    const checkpoints = new Checkpoints()
    const told = gate()
    const ending = gate()
    const holding = await kafka.joinGroup({
      groupId: 'member.waiting',
      topics: ['member.waiting'],
      handler: checkpoints.handler('holding', async (_, signal) => {
        signal.addEventListener('abort', () => told.open())
        await ending.opened
        return undefined
      }),
    })
    await until('it has both', () => checkpoints.owners.size === 2)
    const joining = await kafka.joinGroup({
      groupId: 'member.waiting',
      topics: ['member.waiting'],
      handler: checkpoints.handler('joining'),
    })
    await told.opened
    const started = Date.now()
    await joining.stop()
    expect(Date.now() - started).toBeLessThan(4_000)
    ending.open()
    await holding.stop()
  })

  it('asks again for a partition of which it was fenced, while it is a member', async () => {
    await fill('member.fenced', 1, 4)
    const checkpoints = new Checkpoints()
    let fencedOnce = false
    const member = await kafka.joinGroup({
      groupId: 'member.fenced',
      topics: ['member.fenced'],
      handler: checkpoints.handler('one', (fetched) => {
        if (!fencedOnce) checkpoints.epochs.set(identity(fetched), 77)
        fencedOnce = true
        return Promise.resolve(undefined)
      }),
    })
    await until('all was read', () => checkpoints.seen.length === 4)
    expect(checkpoints.epochs.get('member.fenced 0')).toBe(78)
    await member.stop()
    expect(checkpoints.outcome()).toEqual(exactly(4))
  })

  it('survives a handler that throws (F4), and one that has no start yet', async () => {
    await fill('member.throws', 1, 4)
    const checkpoints = new Checkpoints()
    const failures: Error[] = [new TypeError('a bug'), new RangeError('poison')]
    let starts = 0
    const handler = checkpoints.handler('one', () => {
      const failure = failures.shift()
      return failure === undefined ? Promise.resolve(undefined) : Promise.reject(failure)
    })
    const member = await kafka.joinGroup({
      groupId: 'member.throws',
      topics: ['member.throws'],
      handler: {
        ...handler,
        assigned: (partitions, signal) => {
          starts += 1
          return starts === 1 ? Promise.reject(new Error('the database is away')) : handler.assigned(partitions, signal)
        },
      },
    })
    await until('all was read', () => checkpoints.seen.length === 4)
    await member.stop()
    expect(checkpoints.outcome()).toEqual(exactly(4))
  })

  it('reads no more of a partition that the handler stopped, and goes on with the others', async () => {
    await fill('member.stopped', 2, 2)
    const checkpoints = new Checkpoints()
    let asked = 0
    const member = await kafka.joinGroup({
      groupId: 'member.stopped',
      topics: ['member.stopped'],
      handler: checkpoints.handler('one', ({ partition }) => {
        if (partition === 1) return Promise.resolve(undefined)
        asked += 1
        return Promise.resolve({ kind: 'stopped' })
      }),
    })
    await until('the stopped one was asked', () => asked === 1)
    await write('member.stopped', 2, 3)
    await until('the other was read', () => checkpoints.seen.length === 5)
    expect(asked).toBe(1)
    await member.stop()
  })

  it('ends a running batch when it is stopped, and hands out nothing after', async () => {
    await fill('member.stop', 1, 5)
    const checkpoints = new Checkpoints()
    const begun = gate()
    let calls = 0
    const member = await kafka.joinGroup({
      groupId: 'member.stop',
      topics: ['member.stop'],
      handler: checkpoints.handler('one', async (_, signal) => {
        calls += 1
        begun.open()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return { kind: 'aborted' }
      }),
    })
    await begun.opened
    await member.stop()
    await write('member.stop', 1, 5)
    expect(calls).toBe(1)
    expect(member.owned()).toEqual([])
    // It left the group: another has the partition at once, without waiting for a session to end.
    const next = await kafka.joinGroup({
      groupId: 'member.stop',
      topics: ['member.stop'],
      handler: checkpoints.handler('two'),
    })
    await until('the next one read all', () => checkpoints.seen.length === 10, 2_000)
    await next.stop()
    expect(checkpoints.outcome()).toEqual(exactly(10))
  })

  it('goes over the end of what it was given when the log was cut, by asking where to start (K8)', async () => {
    await fill('member.range', 1, 3)
    const starts = [99n, 1n]
    const read: bigint[] = []
    const member = await kafka.joinGroup({
      groupId: 'member.range',
      topics: ['member.range'],
      handler: {
        assigned: ([tp]) => Promise.resolve([{ ...(tp as TopicPartition), offset: starts.shift() ?? 1n }]),
        batch: ({ records, nextOffset }) => {
          read.push(...records.map(({ offset }) => offset))
          return Promise.resolve({ kind: 'committed', next: nextOffset })
        },
        revoked: () => undefined,
      },
    })
    await until('read from the second answer', () => read.length === 2)
    expect(read).toEqual([1n, 2n])
    await member.stop()
  })
})
