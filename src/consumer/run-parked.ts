// Carries out what is asked of a partition's parked events: discards, redrives, and events whose time has come. Under the same
// fence as batches, in order per key: the first event of a key runs first, the ones behind it follow until one fails again.
import type { LogRecord } from '../kafka/record.ts'
import { parkingKey } from '../parking/parked-keys.ts'
import type { ParkedEvent } from '../parking/parked-event.ts'
import type { PostgresParking } from '../parking/postgres-parking.ts'
import { prepareRecords, sortRecord } from './intake.ts'
import type { PartitionRunner } from './partition-runner.ts'
import type { Settled, Unit } from './partition-commits.ts'
import { processDeath } from './process-death.ts'
import type { Entry } from './entry.ts'
import type { RecordDecoder } from './record-decoder.ts'
import { refuseRecord } from './refuse-record.ts'

/** How many parked events are loaded at once. */
const LOAD = 500

export interface ParkedSurroundings {
  readonly parking: Pick<PostgresParking, 'loadRequested' | 'loadKey'>
  readonly decoder: RecordDecoder
  readonly now: () => Date
}

/**
 * Runs the parked events of a partition that are asked for or due, and those of `orphans`: keys whose first event is only
 * behind. The caller holds the partition's lock. Rejects when the database cannot be read; the next round tries again.
 */
export async function runParked(
  runner: PartitionRunner,
  surroundings: ParkedSurroundings,
  orphans: Set<string>,
  signal: AbortSignal,
): Promise<Settled> {
  const at = { topic: runner.commits.topicName, partition: runner.commits.partition }
  const now = surroundings.now()
  const requested = await surroundings.parking.loadRequested(at, now, LOAD)
  const discarded = requested.filter(({ status }) => status === 'discard').map(({ record }) => record)
  const keys = new Map<string, Buffer>()
  for (const orphan of orphans) keys.set(orphan, Buffer.from(orphan, 'latin1'))
  for (const { record } of requested) {
    const key = parkingKey(record.key)
    if (key !== null && record.key !== null) keys.set(key, record.key)
  }
  if (discarded.length > 0) {
    const settled = await runner.commits.settle(parkedUnit(runner, [], discarded), signal)
    if (settled !== 'committed') return settled
  }
  for (const event of requested) {
    if (event.record.key !== null || event.status === 'discard') continue
    const ended = await runChain(runner, surroundings, [event], signal)
    if (ended !== 'committed') return ended
  }
  for (const [name, key] of keys) {
    for (;;) {
      const chain = runnable(await surroundings.parking.loadKey(at, key, LOAD), now)
      if (chain.length === 0) break
      const ended = await runChain(runner, surroundings, chain, signal)
      // An event that failed again heads its key, and nothing behind it may run: the next look finds that.
      if (ended !== 'committed') return ended
    }
    orphans.delete(name)
  }
  return 'committed'
}

/** The first events of a key that may run: its head when it is asked for, due or only behind, and what follows behind it. */
function runnable(events: readonly ParkedEvent[], now: Date): readonly ParkedEvent[] {
  const end = events.findIndex(({ status, dueAt }, index) => {
    if (status === 'redrive' || status === 'behind') return false
    return !(index === 0 && status === 'waiting' && dueAt !== null && dueAt <= now)
  })
  return end === -1 ? events : events.slice(0, end)
}

async function runChain(
  runner: PartitionRunner,
  { decoder }: ParkedSurroundings,
  chain: readonly ParkedEvent[],
  signal: AbortSignal,
): Promise<Settled> {
  const head = chain[0]
  if (head === undefined) return 'committed'
  // Counted before it runs, as from the log: an event that ends the process must not do so for ever.
  const attempts = await runner.commits.countAttempt(head.record.offset, signal)
  if (typeof attempts === 'string') return attempts
  const death = processDeath(attempts)
  const intake = runner.intake(signal)
  const records = chain.map(({ record }) => record)
  if (!(await prepareRecords(records, intake))) return 'aborted'
  const entries: Entry[] = []
  const released: LogRecord[] = []
  // One that died before runs alone, so that the count is its own.
  for (const { record, ...before } of attempts === 1 ? chain : [head]) {
    const entry = death !== null ? refuseRecord(record, decoder, death, before) : sortRecord(record, intake, before)
    // The definition ignores its type by now: it has no effect left.
    if (entry.kind === 'event' || entry.kind === 'refused') entries.push(entry)
    else released.push(record)
    if (entry.kind === 'refused') break
  }
  return runner.commits.settle(parkedUnit(runner, entries, released), signal)
}

/** A unit that leaves the checkpoint where it is. */
function parkedUnit(runner: PartitionRunner, entries: readonly Entry[], released: readonly LogRecord[]): Unit {
  return { entries, released, next: runner.commits.next, ids: null, origin: 'parked' }
}
