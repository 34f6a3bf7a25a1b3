// Definitions that compile, also with `declaration: true` against the packed package (tests/long/init.test.ts): everything that an
// inferred type names is exported. mistakes.test.ts makes mistakes with them. Declares the model that it writes.
import {
  defineConfig,
  defineEvent,
  defineProcessor,
  defineProducer,
  defineProjection,
  defineQuery,
  defineTopic,
  defineWorker,
  http,
  permanent,
  retryAfter,
  schedule,
  send,
  sendTombstone,
} from 'millrace'

declare global {
  interface MillraceModels {
    TypedDoor: {
      row: { id: string; opened: number; note: string | null }
      key: string
      initial: { opened: number; note?: string | null }
    }
  }
}

export interface OpenedData {
  readonly doorId: string
  readonly by: string
}

export const Opened = defineEvent<'Opened', OpenedData>('Opened', 'typed.Opened', 'string')
export const Closed = defineEvent<'Closed', { readonly doorId: string }>('Closed', 'typed.Closed', 'string')
export const Rung = defineEvent<'Rung', { readonly bellId: string }>('Rung', 'typed.Rung', 'string')

export const doors = defineTopic({ name: 'typed.doors', key: 'doorId', events: [Opened, Closed] })
export const bells = defineTopic({ name: 'typed.bells', key: 'bellId', events: [Rung], cleanup: 'compact' })

export const openings = defineProjection({
  name: 'openings',
  from: [doors],
  ignore: ['Closed'],
  tables: {
    TypedDoor: {
      key: ({ data }) => data.doorId,
      initial: { opened: 0 },
      evolve: { Opened: (row, { data }) => ({ ...row, opened: row.opened + 1, note: data.by }) },
    },
  },
})

// Bells are compacted, so `key` sees tombstones, which have no data.
export const rings = defineProjection({
  name: 'rings',
  from: [bells],
  tables: {
    TypedDoor: {
      key: (event) => (event.type === 'Tombstone' ? event.key : event.data.bellId),
      initial: { opened: 0 },
      evolve: { Rung: (row) => ({ ...row, opened: row.opened + 1 }), Tombstone: () => null },
    },
  },
})

export const porter = defineWorker({
  name: 'porter',
  from: [bells],
  to: [doors],
  handle: { Rung: ({ data }) => [send(doors, Opened({ doorId: data.bellId, by: 'porter' }))] },
})

export const chimes = defineProcessor({
  name: 'chimes',
  from: [doors],
  to: [bells],
  on: { Opened: ({ data }) => [send(bells, Rung({ bellId: data.doorId }))], Closed: () => [] },
})

export const ringing = http({ path: '/rings', body: Rung, summary: 'Rings a bell.', example: { bellId: 'b' } })
export const hourly = schedule({ plans: () => [{ id: 'hourly', cron: '0 * * * *' }] })
export const ringer = defineProducer({
  name: 'ringer',
  source: ringing,
  to: [bells],
  produce: ({ body }) => [send(bells, Rung({ bellId: body.bellId }))],
})

export const openDoors = defineQuery({
  name: 'open-doors',
  path: '/open-doors',
  summary: 'The doors that were opened.',
  reads: ['TypedDoor'],
  handle: (context) => context.json([]),
})

// What helpers of a project's own may return.
export const opened = (by: string) => send(doors, Opened({ doorId: 'd', by }))
export const silenced = () => sendTombstone(bells, 'b')
export const jammed = () => permanent('JAMMED', 'the door is jammed')
export const busy = () => retryAfter(1_000, 'BUSY', 'the porter is busy')
export const settings = defineConfig({ app: 'doors' })
