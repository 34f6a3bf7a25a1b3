import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors/millrace-error.ts'
import { defineConfig } from './define-config.ts'
import { loadSettings } from './load-settings.ts'
import { settingTable } from './setting-table.ts'
import { settingsPage } from '../../tests/fixtures/settings-page.ts'

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'MILLRACE_SETTINGS_INVALID')
      return error.context['problems'] as readonly string[]
    throw error
  }
  return []
}

describe('loadSettings', () => {
  test('gives every setting its default', () => {
    const settings = loadSettings({}, {})
    for (const [name, entry] of Object.entries(settingTable)) expect(settings).toHaveProperty(name, entry.default)
  })

  test('prefers the environment to the file and the file to the default', () => {
    const config = defineConfig({ app: 'orders', port: 3000, brokerPort: 9192 })
    const settings = loadSettings(config, { PORT: '4000', KAFKA_BROKERS: 'a:9092, b:9093', LOG_LEVEL: 'DEBUG' })
    expect(settings).toMatchObject({
      app: 'orders',
      port: 4000,
      brokerPort: 9192,
      kafkaBrokers: ['a:9092', 'b:9093'],
      logLevel: 'debug',
    })
  })

  test('takes an empty variable for one that is not set', () => {
    expect(loadSettings({ port: 3000 }, { PORT: '', KAFKA_BROKERS: ' ' })).toMatchObject({
      port: 3000,
      kafkaBrokers: null,
    })
  })

  test('reports all problems at once, each with what was expected and received', () => {
    const problems = problemsOf(() =>
      loadSettings({ app: 'Not Kebab', colour: 'red' } as never, {
        PORT: '99999',
        KAFKA_BROKERS: 'localhost',
        KAFKA_SSL: 'maybe',
        LOG_LEVEL: 'loud',
        SCHEMA_REGISTRY_URL: 'ftp://x',
      }),
    )
    expect(problems).toHaveLength(7)
    expect(problems).toContain('environment variable PORT: expected a whole number from 0 to 65535, received "99999"')
    expect(problems.join('\n')).toContain('colour in millrace.config.ts: there is no such setting')
    expect(problems.join('\n')).toContain('app in millrace.config.ts (or MILLRACE_APP): expected lower case words')
  })

  test('never shows a secret', () => {
    const problems = problemsOf(() =>
      loadSettings(
        {},
        { ADMIN_TOKEN: 'canary', DATABASE_URL: 'mysql://u:canary@h/d', MILLRACE_TOKEN_SECRET: 'canary' },
      ),
    )
    expect(problems).toHaveLength(3)
    expect(problems.join('\n')).not.toContain('canary')
  })

  test.each([
    [{ KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'plain' }, 'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD'],
    [{ KAFKA_BROKERS: 'a:1', KAFKA_SASL_PASSWORD: 'x' }, 'expected KAFKA_SASL_MECHANISM'],
    [{ KAFKA_BROKERS: 'a:1', KAFKA_SSL: 'true', KAFKA_SSL_CERT: 'c.pem' }, 'KAFKA_SSL_KEY: expected both'],
    [{ KAFKA_BROKERS: 'a:1', KAFKA_SSL_CA: 'c.pem' }, 'expected KAFKA_SSL=true'],
    [{ KAFKA_SSL: 'true' }, 'expected KAFKA_BROKERS'],
    [{ SCHEMA_REGISTRY_USERNAME: 'me' }, 'SCHEMA_REGISTRY_PASSWORD: expected both'],
  ])('refuses settings that contradict each other: %j', (env, part) => {
    const problems = problemsOf(() => loadSettings({}, env))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(part)
  })
})

test('docs/settings.md holds the table as it is', () => {
  const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')
  expect(page, 'paste what settingsPage() gives into docs/settings.md').toContain(settingsPage())
})

test('no two settings share an environment variable', () => {
  const names = Object.values(settingTable).map(({ env }) => env)
  expect(new Set(names).size).toBe(names.length)
})
