import { describe, expect, it } from 'vitest'
import type { Models } from '../../database/model.ts'
import type { Statements } from '../../database/database.ts'
import { engineMigrations } from '../../database/engine-migrations.ts'
import { loadSettings } from '../../config/load-settings.ts'
import { defineEvent } from '../../definition/define-event.ts'
import { defineTopic } from '../../definition/define-topic.ts'
import type { ConsumerState } from '../consumer-states.ts'
import { checkConsumers } from './check-consumers.ts'
import { checkDatabase } from './check-database.ts'
import { checkModels } from './check-models.ts'
import { checkKafka } from './check-kafka.ts'
import { checkRegistry } from './check-registry.ts'
import { settingsInForce } from './settings-in-force.ts'

const Noted = defineEvent<'Noted', { id: string }>('Noted', 'test.Noted', {
  type: 'record',
  name: 'Noted',
  namespace: 'test',
  fields: [{ name: 'id', type: 'string' }],
})
const topics = [defineTopic({ name: 'test.notes', key: 'id', events: [Noted] })]

describe('settingsInForce', () => {
  it('tells where each setting is from, and never shows a secret', () => {
    const own = { DATABASE_URL: 'postgres://me:secret-word@host/db' }
    const stack = { ...own, KAFKA_BROKERS: 'localhost:9092' }
    const inForce = settingsInForce(loadSettings({ app: 'mine' }, stack), own, stack)
    const byName = Object.fromEntries(inForce.map(({ name, value, source }) => [name, [value, source]]))
    expect(byName).toMatchObject({
      app: ['mine', 'millrace.config.ts'],
      databaseUrl: ['(set)', 'environment'],
      kafkaBrokers: ['localhost:9092', 'running stack'],
      port: ['8080', 'default'],
      adminToken: [null, 'default'],
    })
    expect(JSON.stringify(inForce)).not.toContain('secret-word')
  })
})

describe('checkKafka', () => {
  const check = async (found: { name: string; partitions: number }[]): Promise<unknown> =>
    checkKafka({ describe: () => Promise.resolve(found) }, topics, 'host:1')

  it('finds topics that are missing, or have another number of partitions', async () => {
    expect(await check([{ name: 'test.notes', partitions: 12 }])).toMatchObject([{ state: 'ok' }, { state: 'ok' }])
    expect(await check([])).toMatchObject([{ state: 'ok' }, { state: 'fail', detail: 'it does not exist' }])
    expect(await check([{ name: 'test.notes', partitions: 6 }])).toMatchObject([
      { state: 'ok' },
      { state: 'fail', fix: expect.stringContaining('partitions: 6') as string },
    ])
  })

  it('names the brokers that do not answer', async () => {
    const findings = await checkKafka({ describe: () => Promise.reject(new Error('no route')) }, topics, 'host:1')
    expect(findings).toMatchObject([
      { subject: 'kafka', state: 'fail', detail: 'no broker at host:1 answers: no route' },
    ])
  })
})

describe('checkRegistry', () => {
  const settings = {
    schemaRegistryUrl: 'http://me:word@registry:1/',
    schemaRegistryUsername: null,
    schemaRegistryPassword: null,
    topicPrefix: 'x.',
  }

  it('asks for each event by its subject, with the credentials in a header', async () => {
    const asked: [string, RequestInit][] = []
    const findings = await checkRegistry(settings, topics, (url, init) => {
      asked.push([url, init])
      return Promise.resolve(Response.json({ id: 1 }))
    })
    expect(findings).toMatchObject([{ state: 'ok', detail: 'reached; 1 schemas are registered' }])
    expect(asked[0]?.[0]).toBe('http://registry:1/subjects/x.test.notes-test.Noted')
    expect(asked[0]?.[1].headers).toMatchObject({ authorization: `Basic ${Buffer.from('me:word').toString('base64')}` })
  })

  it('tells an unknown schema from a server that is no registry', async () => {
    const answer = (code: number): ReturnType<typeof checkRegistry> =>
      checkRegistry(settings, topics, () => Promise.resolve(Response.json({ error_code: code }, { status: 404 })))
    expect(await answer(40_403)).toMatchObject([
      { state: 'ok' },
      { state: 'fail', subject: 'subject x.test.notes-test.Noted' },
    ])
    expect(await answer(404)).toMatchObject([{ subject: 'registry', state: 'fail' }])
  })
})

describe('checkDatabase', () => {
  /** Answers by what a statement asks for. */
  function database(answers: Readonly<Record<string, readonly unknown[]>>): Statements {
    const found = (sql: string): readonly unknown[] =>
      Object.entries(answers).find(([part]) => sql.includes(part))?.[1] ?? []
    return {
      query: <Row>(sql: string) => Promise.resolve([...found(sql)] as Row[]),
      execute: () => Promise.reject(new Error('doctor changes nothing')),
    }
  }

  it('finds migrations that are pending on a database that is new', async () => {
    const findings = await checkDatabase(
      database({ server_version: [{ version: '17.1' }] }),
      'templates/minimal/prisma/migrations',
    )
    expect(findings).toMatchObject([
      { state: 'ok', detail: 'reached; version 17.1' },
      { subject: 'engine tables', state: 'fail', detail: expect.stringContaining('pending') as string },
      { subject: 'prisma/migrations', state: 'fail', detail: 'pending: 0001_init' },
    ])
  })

  it('tells what is applied, failed half way, or made by another version', async () => {
    const known = engineMigrations.map(({ name }) => ({ name }))
    const tables = [{ name: 'millrace.migration' }, { name: '_prisma_migrations' }]
    const check = async (engine: readonly unknown[], own: readonly unknown[]): Promise<unknown> =>
      checkDatabase(
        database({ 'FROM millrace.migration': engine, 'FROM _prisma_migrations': own, to_regclass: tables }),
        'templates/minimal/prisma/migrations',
      )
    expect(await check(known, [{ name: '0001_init', finished: true }])).toMatchObject([
      {},
      { state: 'ok' },
      { state: 'ok' },
    ])
    expect(await check([...known, { name: '9999' }], [{ name: '0001_init', finished: false }])).toMatchObject([
      {},
      { state: 'fail', detail: expect.stringContaining('another version') as string },
      { state: 'fail', detail: 'failed half way: 0001_init' },
    ])
  })
})

describe('checkModels', () => {
  it('tells tables and columns that no migration made', async () => {
    const models: Models = new Map(
      ['Total', 'Note'].map((name) => [name, { name, table: name, schema: 'public', key: [], fields: [] }]),
    )
    const check = (missing: readonly unknown[]): Promise<unknown> =>
      checkModels(models, {
        query: <Row>() => Promise.resolve([...missing] as Row[]),
        execute: () => Promise.reject(new Error('doctor changes nothing')),
      })
    expect(await check([])).toMatchObject({ state: 'ok' })
    const columns = ['id', 'text'].map((column) => ({ model: 'Note', column, has_table: false }))
    expect(await check([...columns, { model: 'Total', column: 'sum', has_table: true }])).toMatchObject({
      state: 'fail',
      detail: 'Note has no table; Total has no column sum',
      fix: expect.stringContaining('prisma migrate dev') as string,
    })
  })
})

describe('checkConsumers', () => {
  const now = new Date('2026-01-01T12:00:00Z')
  const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)
  function check(state: Partial<ConsumerState>): string | undefined {
    const whole: ConsumerState = {
      consumer: 'view',
      kind: 'projection',
      version: 1,
      live: 1,
      lag: 0n,
      applied: 0n,
      repeated: 0n,
      filtered: 0n,
      waiting: 0n,
      parked: 0n,
      movedAt: minutesAgo(5),
      ...state,
    }
    return checkConsumers([whole], now)[0]?.state
  }

  it('fails one that has lag and does not move, and warns of parked events', () => {
    expect(check({})).toBe('ok')
    expect(check({ lag: 5n, movedAt: minutesAgo(0.5) })).toBe('ok')
    expect(check({ lag: 5n })).toBe('fail')
    expect(check({ lag: 5n, movedAt: null })).toBe('fail')
    expect(check({ parked: 1n })).toBe('warn')
  })
})
