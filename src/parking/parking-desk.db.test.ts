import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testDatabase } from '../../tests/database.ts'
import { prismaProject } from '../../tests/fixtures/prisma-project.ts'
import { connect } from '../database/connect.ts'
import type { Database } from '../database/database.ts'
import { ParkingDesk } from './parking-desk.ts'

let folder: string
let database: Database
let desk: ParkingDesk

beforeAll(async () => {
  const project = prismaProject()
  folder = project.folder
  project.prisma(['generate'])
  const url = await testDatabase(import.meta.url)
  database = await connect({ clientFile: join(folder, 'client/client.ts'), url })
  desk = new ParkingDesk(database)
})
afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Parked {
  readonly offset: number
  readonly status?: string
  readonly key?: string | null
  readonly fingerprint?: string
  readonly consumer?: string
}

async function park({
  offset,
  status = 'parked',
  key = 'k',
  fingerprint = 'f1',
  consumer = 'one.v1',
}: Parked): Promise<void> {
  await database.execute(
    `INSERT INTO millrace.parked (consumer, topic, partition, record_offset, record_key, record_value, record_headers,
       record_timestamp, event_id, event_type, status, reason, detail, fingerprint, due_at)
     VALUES ($1, 't', 0, $2, $3, $4, '{"ce_id":"aWQ="}', 5, $5, 'Noted', $6, $7, $8, $9, $10)`,
    consumer,
    BigInt(offset),
    key === null ? null : Buffer.from(key),
    Buffer.from([0, 1]),
    `id-${offset}`,
    status,
    status === 'behind' ? 'behind' : 'handler-error',
    `failed at ${offset}`,
    status === 'behind' ? 'behind' : fingerprint,
    status === 'waiting' ? new Date(9) : null,
  )
}

async function statuses(): Promise<Record<string, string>> {
  const rows = await database.query<{ at: number; status: string }>(
    `SELECT record_offset::int AS at, status FROM millrace.parked WHERE consumer = 'one.v1' ORDER BY 1`,
  )
  return Object.fromEntries(rows.map(({ at, status }) => [at, status]))
}

beforeEach(async () => {
  await database.execute('TRUNCATE millrace.parked, millrace.audit')
  await park({ offset: 1, key: 'a' })
  await park({ offset: 2, key: 'a', status: 'behind' })
  await park({ offset: 3, key: 'b', status: 'waiting' })
  await park({ offset: 4, key: null, fingerprint: 'f2' })
  await park({ offset: 5, key: null, fingerprint: 'f2' })
  await park({ offset: 6, consumer: 'two.v1' })
})

describe('what is parked', () => {
  it('is grouped by cause; what is behind counts with the first event of its key', async () => {
    const groups = await desk.groups('one.v1')
    expect(groups).toMatchObject([
      { fingerprint: 'f1', reason: 'handler-error', parked: 1, waiting: 1, behind: 1, requested: 0 },
      { fingerprint: 'f2', parked: 2, waiting: 0, behind: 0 },
    ])
    expect(await desk.groups(null)).toHaveLength(3)
  })

  it('is listed in the order of the log, up to a limit', async () => {
    expect((await desk.list('one.v1', 2)).map(({ offset }) => offset)).toEqual([1n, 2n])
    expect(await desk.list(null, 100)).toHaveLength(6)
  })

  it('is found by its position with its record', async () => {
    expect(await desk.find('one.v1', { topic: 't', partition: 0, offset: 1n })).toMatchObject({
      eventId: 'id-1',
      key: new Uint8Array(Buffer.from('a')),
      value: new Uint8Array([0, 1]),
      headers: { ce_id: 'aWQ=' },
      timestamp: 5n,
    })
    expect(await desk.find('one.v1', { topic: 't', partition: 0, offset: 9n })).toBeNull()
  })
})

describe('marks', () => {
  it('touch what the preview lists, one event, a group or all, and nothing of another consumer', async () => {
    const one = { kind: 'event', position: { topic: 't', partition: 0, offset: 1n } } as const
    const group = { kind: 'group', fingerprint: 'f2' } as const
    expect((await desk.preview('one.v1', group, 'redrive')).map(({ offset }) => offset)).toEqual([4n, 5n])
    expect(await desk.mark('one.v1', group, 'redrive', 'me')).toBe(2)
    expect(await desk.mark('one.v1', one, 'discard', 'me')).toBe(1)
    expect(await statuses()).toEqual({ 1: 'discard', 2: 'behind', 3: 'waiting', 4: 'redrive', 5: 'redrive' })
    expect(await desk.mark('one.v1', { kind: 'all' }, 'redrive', 'me')).toBe(2)
    expect(await statuses()).toEqual({ 1: 'redrive', 2: 'behind', 3: 'redrive', 4: 'redrive', 5: 'redrive' })
    expect(await desk.list('two.v1', 9)).toMatchObject([{ status: 'parked' }])
  })

  it('leave an event that is behind where it is, unless it is named for a discard', async () => {
    const behind = { kind: 'event', position: { topic: 't', partition: 0, offset: 2n } } as const
    expect(await desk.mark('one.v1', behind, 'redrive', 'me')).toBe(0)
    expect(await desk.mark('one.v1', { kind: 'all' }, 'discard', 'me')).toBe(4)
    expect((await statuses())[2]).toBe('behind')
    expect(await desk.mark('one.v1', behind, 'discard', 'me')).toBe(1)
  })

  it('leave a line of who asked for what, and none where nothing was touched', async () => {
    await desk.mark('one.v1', { kind: 'group', fingerprint: 'f2' }, 'redrive', 'cli:me')
    await desk.mark('one.v1', { kind: 'group', fingerprint: 'nothing' }, 'discard', 'cli:me')
    expect(await database.query('SELECT actor, action, subject FROM millrace.audit')).toEqual([
      { actor: 'cli:me', action: 'parked.redrive', subject: { consumer: 'one.v1', fingerprint: 'f2', events: 2 } },
    ])
  })
})
