import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { rebuildWorld, type RebuildWorld } from '../../tests/fixtures/rebuild-world.ts'
import type { Database, Statements } from '../database/database.ts'
import { rollBackRebuild } from './roll-back-rebuild.ts'
import { swapRebuild } from './swap-rebuild.ts'

let database: Database
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

/** The consumers, the schemas of the tables and the live version: what must change together. */
async function look({ tables }: RebuildWorld, name: string): Promise<string> {
  const consumers = await database.query<{ consumer: string; next: number }>(
    `SELECT consumer, sum(next_offset)::int AS next FROM millrace.checkpoint WHERE consumer LIKE $1 || '.v%' GROUP BY 1 ORDER BY 1`,
    name,
  )
  const schemas = await database.query<{ schema: string }>(
    `SELECT schemaname::text AS schema FROM pg_tables WHERE tablename = $1 ORDER BY 1`,
    tables[0]?.table,
  )
  const live = await database.query('SELECT version, previous_version FROM millrace.live WHERE projection = $1', name)
  return JSON.stringify({ consumers, schemas, live })
}

async function totals(world: RebuildWorld): Promise<readonly object[]> {
  return (await world.rows()).map(({ id, chain, total }) => ({ id, chain, total }))
}

/** The database, whose nth statement of a transaction is replaced. */
function failingAt(step: number, instead: (statements: Statements) => Promise<unknown>): Database {
  return {
    ...database,
    transaction: (work, options) =>
      database.transaction((statements) => {
        let count = 0
        const through = <Result>(run: () => Promise<Result>): Promise<Result> => {
          count += 1
          return count === step ? instead(statements).then(run) : run()
        }
        return work({
          query: (sql, ...values) => through(() => statements.query(sql, ...values)),
          execute: (sql, ...values) => through(() => statements.execute(sql, ...values)),
        })
      }, options),
  }
}

describe('a swap', () => {
  it('loses and doubles nothing while the live consumer commits, and fences what it had under way', async () => {
    const world = await rebuildWorld(database, 'under-way')
    world.add(2000)
    const live = await world.live()
    const shadow = await world.shadow()
    await live.member.deliverAll(world.topic)
    await shadow.member.deliverAll(world.topic)
    world.add(1000)
    const delivering = Promise.all(
      world.log.partitions(world.topic).map((partition) => live.member.deliver(world.topic, partition, 7)),
    )
    const catchingUp = (async (): Promise<void> => {
      for (let rounds = 0; rounds < 50; rounds += 1) await shadow.member.deliverAll(world.topic)
    })()
    const { closedMs, heldMs } = await swapRebuild(world.swapOptions())
    expect(closedMs).toBeLessThanOrEqual(heldMs)
    await catchingUp
    await delivering
    world.add(300)
    // Each of its partitions is refused once, and goes on from the new checkpoint.
    for (const partition of world.log.partitions(world.topic)) {
      expect(await live.member.deliver(world.topic, partition)).toBe('fenced')
    }
    await live.member.assign(world.topic)
    await live.member.deliverAll(world.topic)
    expect(await totals(world)).toEqual(world.expected())
    await live.consumer.stop()
    await shadow.consumer.stop()
  })

  it('is whole or has not happened, whichever of its steps fails', async () => {
    const world = await rebuildWorld(database, 'steps')
    world.add(200)
    const live = await world.live()
    const shadow = await world.shadow()
    await live.member.deliverAll(world.topic)
    await shadow.member.deliverAll(world.topic)
    const before = await look(world, 'steps')
    let steps = 0
    for (let step = 1; ; step += 1) {
      const broken = failingAt(step, () => Promise.reject(new Error('killed')))
      const outcome = await swapRebuild({ ...world.swapOptions(), database: broken }).catch((error: Error) => error)
      if (!(outcome instanceof Error)) break
      expect(outcome.message).toBe('killed')
      expect(await look(world, 'steps')).toBe(before)
      steps = step
    }
    expect(steps).toBeGreaterThan(25)
    const after = JSON.parse(await look(world, 'steps')) as object
    expect(after).toMatchObject({
      consumers: [
        { consumer: 'steps.v1', next: 200 },
        { consumer: 'steps.v1.previous', next: 200 },
      ],
      schemas: [{ schema: 'millrace_previous' }, { schema: 'public' }],
      live: [{ version: 1, previous_version: 1 }],
    })
    expect(await totals(world)).toEqual(world.expected())
  })

  it('is tried again when its connection is cut in the middle', async () => {
    const world = await rebuildWorld(database, 'cut')
    world.add(50)
    const shadow = await world.shadow()
    await shadow.member.deliverAll(world.topic)
    let cuts = 0
    const cutting = failingAt(12, async (statements) => {
      if ((cuts += 1) === 1) await statements.query('SELECT pg_terminate_backend(pg_backend_pid())')
    })
    const { tries } = await swapRebuild({ ...world.swapOptions(), database: cutting })
    expect({ tries, cuts }).toEqual({ tries: 2, cuts: 2 })
    expect(await totals(world)).toEqual(world.expected())
  })

  it('does not happen while the rebuild is behind, and readers go on meanwhile', async () => {
    const world = await rebuildWorld(database, 'behind')
    world.add(50)
    const live = await world.live()
    await live.member.deliverAll(world.topic)
    const shadow = await world.shadow()
    let reads = 0
    const clock = {
      now: () => new Date(),
      sleep: async () => {
        // Inside the transaction, which holds the live consumer still.
        if ((await world.rows()).length === 13) reads += 1
        if (reads === 3) await shadow.member.deliverAll(world.topic)
      },
    }
    await swapRebuild({ ...world.swapOptions(), clock })
    expect(reads).toBeGreaterThanOrEqual(3)
    expect(await totals(world)).toEqual(world.expected())
  })

  it('brings the parked events of the rebuild; those that it applied are gone', async () => {
    const world = await rebuildWorld(database, 'parked')
    world.add(20)
    world.log.append(world.topic, { type: 'Added', key: 'bad', data: { n: 666 } })
    const live = await world.live()
    await live.member.deliverAll(world.topic)
    const mended = await world.live({ version: 2 })
    const parked = (consumer: string): Promise<unknown[]> =>
      database.query('SELECT 1 FROM millrace.parked WHERE consumer = $1', consumer)
    expect(await parked('parked.v1')).toHaveLength(1)
    const shadow = await world.shadow({ version: 2, ignore: ['Added'], tables: {} })
    await shadow.member.deliverAll(world.topic)
    await swapRebuild(world.swapOptions(2))
    expect(await parked('parked.v2')).toHaveLength(0)
    expect(await parked('parked.v1.previous')).toHaveLength(1)
    await mended.consumer.stop()
  })

  it('gives no partition to a version that is not live, before and after', async () => {
    const world = await rebuildWorld(database, 'versions')
    world.add(100)
    const old = await world.live()
    await old.member.deliverAll(world.topic)
    const early = await world.live({ version: 2 })
    expect(early.member.position(world.topic, 0)).toBeUndefined()
    expect(early.consumer.status().partitions).toEqual([])
    const shadow = await world.shadow({ version: 2 })
    await shadow.member.deliverAll(world.topic)
    await swapRebuild(world.swapOptions(2))
    world.add(30)
    expect(await old.member.deliver(world.topic, 0)).toBe('fenced')
    await old.member.assign(world.topic)
    expect(old.member.position(world.topic, 0)).toBeUndefined()
    await early.member.assign(world.topic)
    await early.member.deliverAll(world.topic)
    expect(await totals(world)).toEqual(world.expected())
    const rows = await database.query('SELECT 1 FROM millrace.checkpoint WHERE consumer = $1', 'versions.v1')
    expect(rows).toEqual([])
  })
})

describe('a roll-back', () => {
  it('goes on from where the earlier version was, and can be taken back itself', async () => {
    const world = await rebuildWorld(database, 'back')
    world.add(100)
    const live = await world.live()
    await live.member.deliverAll(world.topic)
    const shadow = await world.shadow({ version: 2 })
    await shadow.member.deliverAll(world.topic)
    await swapRebuild(world.swapOptions(2))
    world.add(1000)
    const second = await world.live({ version: 2 })
    await second.member.deliverAll(world.topic)
    const options = { ...world.swapOptions(), actor: 'test' }
    expect(await rollBackRebuild(options)).toMatchObject({ version: 1 })
    expect((await world.rows()).reduce((sum, { total }) => sum + total, 0)).toBe(100)
    await live.member.assign(world.topic)
    await live.member.deliverAll(world.topic)
    expect(await totals(world)).toEqual(world.expected())
    expect(await rollBackRebuild(options)).toMatchObject({ version: 2 })
    expect(await totals(world)).toEqual(world.expected())
  })

  it('is whole or has not happened, whichever of its steps fails', async () => {
    const world = await rebuildWorld(database, 'back-steps')
    world.add(40)
    const live = await world.live()
    await live.member.deliverAll(world.topic)
    const shadow = await world.shadow()
    await shadow.member.deliverAll(world.topic)
    await swapRebuild(world.swapOptions())
    const before = await look(world, 'back-steps')
    let steps = 0
    for (let step = 1; ; step += 1) {
      const broken = failingAt(step, () => Promise.reject(new Error('killed')))
      const outcome = await rollBackRebuild({ ...world.swapOptions(), database: broken }).catch((error: Error) => error)
      if (!(outcome instanceof Error)) break
      expect(await look(world, 'back-steps')).toBe(before)
      steps = step
    }
    expect(steps).toBeGreaterThan(20)
    expect(await totals(world)).toEqual(world.expected())
  })
})
