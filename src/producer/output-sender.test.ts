import { describe, expect, it } from 'vitest'
import { defineEvent, defineTopic, send, sendTombstone } from '../index.ts'
import type { Event } from '../definition/event-type.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Logger } from '../observability/logger.ts'
import { EventCodec } from '../schema/event-codec.ts'
import type { Emitter, PreparedEvent } from './create-emitter.ts'
import { outputSender } from './output-sender.ts'

const Rung = defineEvent<'Rung', { readonly door: string }>('Rung', 'test.v1.Rung', {
  type: 'record',
  name: 'Rung',
  namespace: 'test.v1',
  fields: [{ name: 'door', type: 'string' }],
})
const bells = defineTopic({ name: 'test.bells', key: 'door', events: [Rung], cleanup: 'compact' })
const input = { id: 'in-1', correlationId: 'c-1' } as Event
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}
const outage = new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', 'down', { retriable: true })

function sender(write: Emitter['write'], slept: number[] = []) {
  return outputSender({
    emitter: { write },
    codec: new EventCodec(),
    schemaIds: { of: () => 7 },
    now: () => new Date(0),
    newId: () => 'new',
    app: 'app',
    consumer: 'porter',
    sleep: (ms) => (slept.push(ms), Promise.resolve()),
    logger: silent,
  })
}
const signal = new AbortController().signal

describe('outputSender', () => {
  it('derives ids and envelope of the outputs from the input: a repeat writes the same records', async () => {
    const written: (readonly PreparedEvent[])[] = []
    const outputs = sender((prepared) => (written.push(prepared), Promise.resolve([])))
    const emissions = [send(bells, Rung({ door: 'a' })), send(bells, Rung({ door: 'a' })), sendTombstone(bells, 'b')]
    expect(await outputs.send(input, emissions, signal)).toEqual({ kind: 'acknowledged' })
    expect(await outputs.send(input, emissions, signal)).toEqual({ kind: 'acknowledged' })
    const [first, second] = written
    expect(first).toEqual(second)
    expect(new Set(first?.map(({ id }) => id)).size).toBe(3)
    expect(first?.[0]?.record.headers).toMatchObject({
      ce_source: '/app/porter',
      ce_correlationid: 'c-1',
      ce_causationid: 'in-1',
    })
    expect(first?.[2]?.record.value).toBeNull()
  })

  it('waits through an outage and sends the same records again', async () => {
    const slept: number[] = []
    const sent: unknown[] = []
    let failures = 3
    const outputs = sender(
      (prepared) => (sent.push(prepared), failures-- > 0 ? Promise.reject(outage) : Promise.resolve([])),
      slept,
    )
    expect(await outputs.send(input, [send(bells, Rung({ door: 'a' }))], signal)).toEqual({ kind: 'acknowledged' })
    expect(slept).toEqual([100, 200, 400])
    expect(sent).toHaveLength(4)
    expect(new Set(sent).size).toBe(1)
  })

  it('says what can never be written, and ends with the signal', async () => {
    const refusing = sender(() => Promise.reject(new MillraceError('MILLRACE_RECORD_REFUSED', 'too large')))
    expect(await refusing.send(input, [send(bells, Rung({ door: 'a' }))], signal)).toMatchObject({
      detail: 'too large',
    })
    const wrong = send(bells, Rung({ door: 5 as unknown as string }))
    expect(await refusing.send(input, [wrong], signal)).toMatchObject({
      kind: 'refused',
      code: 'MILLRACE_EVENT_INVALID',
    })
    const large = send(bells, Rung({ door: 'x'.repeat(1_000_000) }))
    expect(sender(() => Promise.resolve([])).prepare(input, [large])).toMatchObject({
      kind: 'refused',
      code: 'MILLRACE_RECORD_REFUSED',
    })
    const stopping = new AbortController()
    const down = sender(() => (stopping.abort(), Promise.reject(outage)))
    expect(await down.send(input, [send(bells, Rung({ door: 'a' }))], stopping.signal)).toEqual({ kind: 'aborted' })
  })
})
