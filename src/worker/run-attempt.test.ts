import { describe, expect, it } from 'vitest'
import { defineEvent, defineTopic, defineWorker, permanent, retryAfter, send, type WorkerContext } from '../index.ts'
import type { Event } from '../definition/event-type.ts'
import { runAttempt, type AttemptSurroundings } from './run-attempt.ts'

const Asked = defineEvent<'Asked', { readonly id: string }>('Asked', 'test.v1.Asked', {})
const questions = defineTopic({ name: 'test.questions', key: 'id', events: [Asked] })

type Handler = (context: WorkerContext) => ReturnType<typeof send>[] | Promise<ReturnType<typeof send>[]>
const worker = (handler: Handler) =>
  defineWorker({
    name: 'answer',
    from: [questions],
    to: [questions],
    timeoutMs: 50,
    handle: { Asked: (_event, context) => handler(context) as [] },
  })
const event = { type: 'Asked', data: { id: '1' }, id: 'e1' } as unknown as Event

function surroundings(over: Partial<AttemptSurroundings> = {}): AttemptSurroundings {
  return {
    attempt: 1,
    idempotencyKey: 'k',
    now: () => new Date(0),
    log: () => undefined,
    signal: new AbortController().signal,
    startTimer: () => ({ cancel: () => undefined }),
    ...over,
  }
}

describe('runAttempt', () => {
  it('gives back what the handler sends', async () => {
    const emission = send(questions, Asked({ id: '2' }))
    const result = await runAttempt(
      worker(() => [emission]),
      event,
      surroundings(),
    )
    expect(result).toEqual({ kind: 'done', emissions: [emission] })
  })

  it('tells permanent failures, asked-for delays and plain errors apart', async () => {
    const thrown = (error: unknown) =>
      runAttempt(
        worker(() => {
          throw error
        }),
        event,
        surroundings(),
      )
    expect(await thrown(permanent('NO_SUCH_CITY', 'none'))).toMatchObject({ permanent: true, code: 'NO_SUCH_CITY' })
    expect(await thrown(retryAfter(250, 'BUSY', 'later'))).toMatchObject({ permanent: false, retryAfterMs: 250 })
    expect(await thrown(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))).toMatchObject({
      code: 'ECONNREFUSED',
    })
    expect(await thrown(new TypeError('bug'))).toMatchObject({ permanent: false, code: 'TypeError', detail: 'bug' })
    expect(await thrown('text')).toMatchObject({ kind: 'failed', detail: 'text' })
  })

  it('ends an attempt whose time is up, although the handler goes on, and aborts its signal', async () => {
    let inHandler: AbortSignal | undefined
    const hanging = worker(({ signal }) => {
      inHandler = signal
      return new Promise(() => undefined)
    })
    let fire = (): void => undefined
    const running = runAttempt(
      hanging,
      event,
      surroundings({ startTimer: (_ms, then) => ({ cancel: () => undefined, fire: (fire = then) }) }),
    )
    await Promise.resolve()
    fire()
    expect(await running).toMatchObject({ kind: 'failed', permanent: false, code: 'MILLRACE_WORK_TIMEOUT' })
    expect(inHandler?.aborted).toBe(true)
  })

  it('does not count an attempt that the process or the partition took away', async () => {
    const stopping = new AbortController()
    const running = runAttempt(
      worker(() => new Promise(() => undefined)),
      event,
      surroundings({ signal: stopping.signal }),
    )
    stopping.abort()
    expect(await running).toEqual({ kind: 'aborted' })
    expect(
      await runAttempt(
        worker(() => []),
        event,
        surroundings({ signal: stopping.signal }),
      ),
    ).toEqual({ kind: 'aborted' })
  })
})
