import { expect, it } from 'vitest'
import type { Statements } from '../database/database.ts'
import { defineTopic } from '../definition/define-topic.ts'
import { consumerStates } from './consumer-states.ts'

it('sums checkpoints of the version that is defined, and counts lag from the start of the log', async () => {
  const there = defineTopic({ name: 'there', key: 'id', events: [], partitions: 2 })
  const missing = defineTopic({ name: 'missing', key: 'id', events: [] })
  const counts = { applied: 3n, repeated: 1n, filtered: 0n }
  const checkpoints = [
    { consumer: 'view.v2', topic: 'there', partition: 0, next: 6n, ...counts, movedAt: new Date(2) },
    { consumer: 'view.v1', topic: 'there', partition: 0, next: 1n, ...counts, movedAt: new Date(9) },
  ]
  const parked = [{ consumer: 'view.v2', waiting: 4n, parked: 5n }]
  const database: Statements = {
    query: <Row>(sql: string) => Promise.resolve((sql.includes('checkpoint') ? checkpoints : parked) as Row[]),
    execute: () => Promise.resolve(0),
  }
  const admin = {
    describe: () => Promise.resolve([{ name: 'there', partitions: 2 }]),
    watermarks: () =>
      Promise.resolve([
        { partition: 0, low: 0n, high: 10n },
        { partition: 1, low: 7n, high: 10n },
      ]),
  }
  const projection = {
    kind: 'projection',
    name: 'view',
    version: 2,
    from: [there, missing],
    ignore: [],
    tables: {},
  } as const
  const definitions = {
    topics: [there, missing],
    producers: [],
    projections: [projection],
    processors: [],
    workers: [],
    queries: [],
  }
  expect(await consumerStates(definitions, admin, database)).toEqual([
    {
      consumer: 'view',
      kind: 'projection',
      version: 2,
      live: 2,
      lag: 4n + 3n,
      applied: 3n,
      repeated: 1n,
      filtered: 0n,
      waiting: 4n,
      parked: 5n,
      movedAt: new Date(2),
    },
  ])
})
