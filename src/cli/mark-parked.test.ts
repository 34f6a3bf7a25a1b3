import { describe, expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import type { Definitions } from '../definition/definitions.ts'
import { invoke, type Invoked } from '../../tests/cli/invoke.ts'
import type { Command } from './command.ts'
import { markArguments, markOptions, markParked } from './mark-parked.ts'

const definitions = {
  topics: [],
  producers: [],
  projections: [{ kind: 'projection', name: 'view', version: 2, from: [], ignore: [], tables: {} }],
  processors: [],
  workers: [],
  queries: [],
} satisfies Definitions

/** Runs a redrive against a database that answers each statement with the next of `answers`. */
async function redrive(
  words: readonly string[],
  ...answers: readonly unknown[][]
): Promise<Invoked & { asked: unknown[][] }> {
  const asked: unknown[][] = []
  const database = {
    query: (sql: string, ...values: unknown[]) => {
      asked.push([sql.trim().split(/\s/)[0], ...values])
      return Promise.resolve(answers[asked.length - 1] ?? [])
    },
  } as unknown as Database
  const command: Command = {
    name: 'parked redrive',
    arguments: markArguments,
    summary: '',
    options: markOptions,
    run: (invocation) => markParked(invocation, definitions, database, 'redrive'),
  }
  return { ...(await invoke(command, words, { env: { USER: 'ada' } })), asked }
}

describe('markParked', () => {
  it('marks one event, by the version that the project defines, in the name of the account', async () => {
    const { code, out, asked } = await redrive(['view', 't', '3', '42'], [{ marked: 1 }])
    expect(code).toBe(0)
    expect(out).toContain('1 events of view.v2 are marked')
    expect(asked).toEqual([
      [
        'WITH',
        'view.v2',
        null,
        't',
        3,
        42n,
        'redrive',
        'cli:ada',
        '{"consumer":"view.v2","topic":"t","partition":3,"offset":"42"}',
      ],
    ])
  })

  it('marks nothing in a dry run', async () => {
    const event = { topic: 't', partition: 0, offset: 7n, status: 'parked', reason: 'handler-error', key: null }
    const { code, out, asked } = await redrive(['view', '--group', 'f', '--dry-run', '--json'], [event])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ dryRun: true, events: [{ offset: 7 }] })
    expect(asked.map(([verb]) => verb)).toEqual(['SELECT'])
  })

  it('says that an event waits behind another one', async () => {
    const { code, err } = await redrive(['view', 't', '0', '7'], [{ marked: 0 }], [{ status: 'behind' }])
    expect(code).toBe(1)
    expect(err).toContain('waits behind an earlier one of its key')
  })

  it('asks which events, which consumer and which number, before it asks the database', async () => {
    for (const words of [
      ['view'],
      ['view', '--all', '--group', 'f'],
      ['nobody', '--all'],
      ['view', 't', 'x', '1'],
      ['view', 't'],
    ]) {
      const { code, asked } = await redrive(words)
      expect(code).toBe(2)
      expect(asked).toEqual([])
    }
    expect((await redrive(['nobody', '--all'])).err).toContain('the project defines view')
  })
})
