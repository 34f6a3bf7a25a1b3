import { describe, expect, test } from 'vitest'
import { createLogger, type LoggerOptions } from './create-logger.ts'

function capture(options: LoggerOptions = {}) {
  const lines: string[] = []
  const logger = createLogger({ level: 'debug', ...options, destination: { write: (line) => void lines.push(line) } })
  return { logger, lines, text: () => lines.join('') }
}

describe('createLogger', () => {
  test('writes JSON with time, level name, base and details', () => {
    const { logger, lines } = capture({ base: { app: 'orders', role: 'http' } })
    logger.child({ consumer: 'totals' }).info({ offset: 12n }, 'a batch was applied')
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    expect(line).toMatchObject({ level: 'info', app: 'orders', role: 'http', consumer: 'totals', offset: '12' })
    expect(line['msg']).toBe('a batch was applied')
    expect(Date.parse(String(line['time']))).not.toBeNaN()
  })

  test('lets no planted secret through', () => {
    const { logger, text } = capture()
    const secret = 'canary-7f3a'
    const error = Object.assign(new Error(`connect postgres://app:${secret}@db/x failed`), { password: secret })
    logger.error({ err: new Error('outer', { cause: error }) }, 'down')
    logger.warn({ headers: { authorization: `Bearer ${secret}`, cookie: secret } }, `password=${secret}`)
    logger.info({ settings: { kafkaSaslPassword: secret, adminToken: secret, databaseUrl: secret } }, 'settings')
    logger.child({ token: secret }).info({ nested: [{ deep: { apiKey: secret } }] }, `Bearer ${secret}`)
    logger.info({ url: `https://me:${secret}@registry/subjects`, body: `{"password":"${secret}"}` }, 'ask')
    expect(text()).not.toContain(secret)
    expect(text()).toContain('outer')
    expect(text()).toContain('postgres://[redacted]@db/x')
  })

  test('writes one line for people, with the stack of an error below it', () => {
    const { logger, text } = capture({ format: 'pretty', base: { role: 'http' } })
    logger.warn({ topic: 'a.b', note: 'two words', err: new Error('why') }, 'slow')
    expect(text()).toContain('http slow')
    expect(text()).toContain('"two words"')
    expect(text()).toMatch(/\n {2}Error: why\n/)
  })

  test('survives details that refer to themselves', () => {
    const { logger, text } = capture()
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    logger.info(loop, 'loop')
    expect(text()).toContain('[deeper]')
  })
})
