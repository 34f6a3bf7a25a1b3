import { afterAll, beforeAll, expect, it } from 'vitest'
import { consumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import { rebuildWorld, type RebuildWorld } from '../../tests/fixtures/rebuild-world.ts'
import type { Database } from '../database/database.ts'
import { dropPrevious, rollBackRebuild } from './roll-back-rebuild.ts'
import { swapRebuild } from './swap-rebuild.ts'

let database: Database
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
})
afterAll(async () => database.close())

/** As if the process that holds it had been silent for long. */
async function expire(projection: string): Promise<void> {
  await database.execute(
    `UPDATE millrace.rebuild SET updated_at = now() - interval '1 minute' WHERE projection = $1`,
    projection,
  )
}

async function shadowTables({ tables }: RebuildWorld): Promise<number> {
  const found = await database.query(
    `SELECT 1 FROM pg_tables WHERE schemaname = 'millrace_next' AND tablename = $1`,
    tables[0]?.table,
  )
  return found.length
}

it('lets one process at a time run a rebuild', async () => {
  const { rebuilds, tables } = await rebuildWorld(database, 'one-at-a-time')
  const begun = await Promise.allSettled(['me', 'you', 'they'].map((owner) => rebuilds.begin(1, tables, owner)))
  expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const owner = (await rebuilds.find())?.owner ?? ''
  await expect(rebuilds.resume(1, 'other')).rejects.toThrow(`runs already (${owner})`)
  await expect(rebuilds.abandon(tables)).rejects.toMatchObject({ code: 'MILLRACE_REBUILD_RUNS' })
})

it('goes on after a pause and after a kill, with the state that it had', async () => {
  const world = await rebuildWorld(database, 'goes-on')
  const { rebuilds, tables } = world
  world.add(300)
  const shadow = await world.shadow()
  await shadow.member.deliver(world.topic, 0)
  await rebuilds.release('me')
  expect(await rebuilds.find()).toMatchObject({ state: 'paused', isHeld: false })
  await expect(rebuilds.begin(1, tables, 'you')).rejects.toMatchObject({ code: 'MILLRACE_REBUILD_PAUSED' })
  await expect(rebuilds.resume(2, 'you')).rejects.toMatchObject({ code: 'MILLRACE_REBUILD_OUTDATED' })
  await rebuilds.resume(1, 'you')
  await expire('goes-on')
  await rebuilds.resume(1, 'me')
  expect(await rebuilds.renew('you')).toBe(false)
  // Whoever was thought dead may wake up, and swaps nothing.
  await expect(swapRebuild({ ...world.swapOptions(), owner: 'you' })).rejects.toMatchObject({
    code: 'MILLRACE_REBUILD_LOST',
  })
  await shadow.member.deliverAll(world.topic)
  await swapRebuild(world.swapOptions())
  expect((await world.rows()).map(({ id, chain, total }) => ({ id, chain, total }))).toEqual(world.expected())
})

it('leaves nothing behind when it is abandoned', async () => {
  const world = await rebuildWorld(database, 'abandoned')
  const { rebuilds, tables } = world
  await expect(rebuilds.abandon(tables)).rejects.toMatchObject({ code: 'MILLRACE_REBUILD_MISSING' })
  world.add(30)
  const shadow = await world.shadow()
  await shadow.member.deliverAll(world.topic)
  await rebuilds.release('me')
  expect(await shadowTables(world)).toBe(1)
  await rebuilds.abandon(tables)
  expect(await shadowTables(world)).toBe(0)
  expect(await rebuilds.find()).toBeNull()
  expect(await database.query(`SELECT 1 FROM millrace.checkpoint WHERE consumer = 'abandoned.v1.next'`)).toEqual([])
})

it('refuses to swap tables that a migration changed in between, and to roll back to such', async () => {
  const world = await rebuildWorld(database, 'changed')
  const table = world.tables[0]?.table ?? ''
  world.add(10)
  const shadow = await world.shadow()
  await shadow.member.deliverAll(world.topic)
  await database.execute(`ALTER TABLE public."${table}" ADD COLUMN more text`)
  await expect(swapRebuild(world.swapOptions())).rejects.toThrow(/differ in more: a migration came in between/)
  await database.execute(`ALTER TABLE millrace_next."${table}" ADD COLUMN more text`)
  await swapRebuild(world.swapOptions())
  await database.execute(`ALTER TABLE public."${table}" DROP COLUMN more`)
  await expect(rollBackRebuild(world.swapOptions())).rejects.toMatchObject({ code: 'MILLRACE_TABLES_DIFFER' })
})

it('rolls back only to what is there, and not while a rebuild is under way', async () => {
  const world = await rebuildWorld(database, 'only-there')
  await expect(rollBackRebuild(world.swapOptions())).rejects.toMatchObject({ code: 'MILLRACE_PREVIOUS_MISSING' })
  world.add(10)
  const first = await world.shadow()
  await first.member.deliverAll(world.topic)
  await swapRebuild(world.swapOptions())
  await world.rebuilds.release('me')
  const second = await world.shadow()
  await expect(rollBackRebuild(world.swapOptions())).rejects.toMatchObject({ code: 'MILLRACE_REBUILD_RUNS' })
  // The second swap gives the tables of the first one up.
  await second.member.deliverAll(world.topic)
  await swapRebuild(world.swapOptions())
  await dropPrevious(database, 'only-there', 'test')
  await expect(dropPrevious(database, 'only-there', 'test')).rejects.toMatchObject({
    code: 'MILLRACE_PREVIOUS_MISSING',
  })
  const left = await database.query(
    `SELECT 1 FROM millrace.checkpoint WHERE consumer = 'only-there.v1.previous'
     UNION ALL SELECT 1 FROM pg_tables WHERE schemaname = 'millrace_previous' AND tablename = $1`,
    world.tables[0]?.table,
  )
  expect(left).toEqual([])
  const audit = await database.query<{ action: string }>(
    `SELECT action FROM millrace.audit WHERE subject->>'projection' = 'only-there' ORDER BY id`,
  )
  expect(audit.map(({ action }) => action)).toEqual(['rebuild.swap', 'rebuild.swap', 'rebuild.drop-previous'])
})
