import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerDatabase, type ConsumerDatabase } from '../../tests/fixtures/consumer-database.ts'
import type { Advance, Fence } from './checkpoint.ts'
import { buildCommitStatement } from './commit-statement.ts'
import { FencedError } from './fenced-error.ts'
import { idContribution, idValues } from './id-contribution.ts'
import { PostgresCheckpoints } from './postgres-checkpoints.ts'

let database: ConsumerDatabase
beforeAll(async () => {
  database = await consumerDatabase(import.meta.url)
  await database.execute('CREATE TABLE public.note (id int PRIMARY KEY)')
})
afterAll(async () => database.close())

/** Writes one row into `note`, as a projection's table would be. */
const noteContribution = {
  width: 1,
  ctes: (first: number) => [
    `note_in AS (INSERT INTO public.note SELECT $${first}::int FROM fence WHERE $${first}::int IS NOT NULL)`,
  ],
}
const checkpoints = (consumer: string): PostgresCheckpoints =>
  new PostgresCheckpoints(
    database,
    consumer,
    buildCommitStatement([idContribution, noteContribution]),
    () => new Date(0),
  )

const advance = (next: bigint, applied = 1): Advance => ({
  next,
  last: { offset: next - 1n, timestamp: 5, eventId: 'e' },
  counts: { applied, repeated: 0, filtered: 0, parked: 0 },
})
const values = (note: number | null = null): unknown[] => [...idValues({ row: null, floor: 0n }), note]

async function claimOne(owner: PostgresCheckpoints, topic = 't'): Promise<Fence & { readonly starts: number }> {
  const [checkpoint] = await owner.claim([{ topic, partition: 0 }])
  if (checkpoint === undefined) throw new Error('nothing was claimed')
  return checkpoint
}

const notes = async (): Promise<readonly number[]> =>
  (await database.query<{ id: number }>('SELECT id FROM public.note ORDER BY id')).map(({ id }) => id)

describe('checkpoints', () => {
  it('lets exactly one of four racing owners commit', async () => {
    const owner = checkpoints('race')
    const fence = await claimOne(owner)
    const race = await Promise.allSettled(
      [101, 102, 103, 104].map(async (note) => owner.commit(database, fence, advance(500n), values(note))),
    )
    const ends = race.map((each) =>
      each.status === 'fulfilled' ? 'committed' : each.reason instanceof FencedError && 'fenced',
    )
    expect(ends.filter((end) => end === 'committed')).toHaveLength(1)
    expect(ends.filter((end) => end === 'fenced')).toHaveLength(3)
    expect((await notes()).filter((id) => id > 100 && id < 110)).toHaveLength(1)
  })

  it('refuses a wrong revision and an old epoch, rows and all', async () => {
    const owner = checkpoints('refuse')
    const old = await claimOne(owner)
    await owner.commit(database, old, advance(10n), values())
    const moved = { ...old, revision: old.revision + 1n }
    for (const fence of [old, { ...moved, revision: moved.revision + 1n }]) {
      await expect(owner.commit(database, fence, advance(20n), values(201))).rejects.toBeInstanceOf(FencedError)
    }
    const taken = await claimOne(owner)
    expect(taken).toMatchObject({ next: 10n, epoch: old.epoch + 1n, revision: old.revision + 1n, starts: 1 })
    await expect(owner.commit(database, moved, advance(20n), values(202))).rejects.toBeInstanceOf(FencedError)
    await expect(
      owner.transaction(moved, async (client) => client.execute('INSERT INTO public.note VALUES (203)')),
    ).rejects.toBeInstanceOf(FencedError)
    await expect(owner.countAttempt(moved, 10n)).rejects.toBeInstanceOf(FencedError)
    expect((await notes()).filter((id) => id > 200 && id < 210)).toEqual([])
    await owner.commit(database, taken, advance(20n), values(209))
    expect((await notes()).filter((id) => id > 200 && id < 210)).toEqual([209])
  })

  it('keeps a rival out while a transaction holds the checkpoint, and fences whoever comes late', async () => {
    const owner = checkpoints('hold')
    const fence = await claimOne(owner)
    const claims: Promise<Fence>[] = []
    await owner.transaction(fence, async (client) => {
      claims.push(claimOne(checkpoints('hold')))
      await owner.commit(client, fence, advance(7n), values(301))
    })
    expect(await Promise.all(claims)).toMatchObject([{ next: 7n, epoch: fence.epoch + 1n }])
    expect(await notes()).toContain(301)
  })

  it('counts attempts of one record, and starts without progress', async () => {
    const owner = checkpoints('attempts')
    await claimOne(owner)
    await claimOne(owner)
    let fence: Fence = await claimOne(owner)
    expect(fence).toMatchObject({ starts: 3 })
    for (const [offset, attempts] of [
      [4n, 1],
      [4n, 2],
      [5n, 1],
      [5n, 2],
    ] as const) {
      expect(await owner.countAttempt(fence, offset)).toBe(attempts)
      fence = { ...fence, revision: fence.revision + 1n }
    }
    expect(await claimOne(owner)).toMatchObject({ tryingOffset: 5n, tryingAttempts: 2, starts: 4 })
    fence = await claimOne(owner)
    await owner.commit(database, fence, advance(6n), values())
    expect(await claimOne(owner)).toMatchObject({ tryingOffset: null, tryingAttempts: 0, starts: 1 })
  })

  it('stores ids with the commit, merges rows and drops old ones, all under the fence', async () => {
    const owner = checkpoints('ids')
    const fence = await claimOne(owner)
    const row = (firstOffset: bigint, lastOffset: bigint) => ({ firstOffset, lastOffset, ids: new Uint8Array(20) })
    const commit = async (revision: bigint, first: bigint, last: bigint, floor: bigint) =>
      owner.commit(database, { ...fence, revision }, advance(last + 1n), [
        ...idValues({ row: row(first, last), floor }),
        null,
      ])
    const stored = async () =>
      (await owner.loadIds([fence])).get('t[0]')?.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset])
    await commit(0n, 0n, 9n, -1n)
    await commit(1n, 10n, 12n, -1n)
    expect(await stored()).toEqual([
      [0n, 9n],
      [10n, 12n],
    ])
    await commit(2n, 10n, 20n, 0n)
    await commit(3n, 21n, 22n, 5n)
    await expect(commit(3n, 0n, 30n, 40n)).rejects.toBeInstanceOf(FencedError)
    expect(await stored()).toEqual([
      [0n, 9n],
      [10n, 20n],
      [21n, 22n],
    ])
    await commit(4n, 10n, 30n, 10n)
    expect(await stored()).toEqual([[10n, 30n]])
  })
})
