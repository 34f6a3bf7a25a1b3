import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { chainOf, createLedger, ledgerProjection, ledgerTopic, readLedger } from '../../tests/fixtures/ledger.ts'
import { MemoryLog } from '../../tests/fixtures/memory-log.ts'
import { startProjection } from '../../tests/fixtures/projection-consumer.ts'
import type { Database } from '../database/database.ts'

let database: Database
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

describe('a projection', () => {
  it('folds every event of every key in order, and counts them', async () => {
    const model = await createLedger(database, 'plain')
    const projection = ledgerProjection('plain', [ledgerTopic('plain.events')])
    const log = new MemoryLog({ 'plain.events': 3 })
    const added = Array.from({ length: 1000 }, (_, at) => ({ type: 'Added', key: `k${at % 17}`, data: { n: 1 } }))
    const records = log.append('plain.events', ...added)
    const { member, consumer } = await startProjection(projection, log, database, [model])
    await member.assign('plain.events')
    await member.deliverAll('plain.events')

    const rows = await readLedger(database, 'plain')
    expect(rows).toHaveLength(17)
    for (const { id, chain, total } of rows) {
      const own = records.filter(({ key }) => key?.toString() === id)
      expect({ id, chain, total }).toEqual({ id, chain: chainOf(own), total: own.length })
    }
    const [sum] = await database.query<{ applied: number; next: number }>(
      `SELECT sum(applied)::int AS applied, sum(next_offset)::int AS next FROM millrace.checkpoint WHERE consumer = 'plain.v1'`,
    )
    expect(sum).toEqual({ applied: 1000, next: 1000 })
    await consumer.stop()
  })
})
