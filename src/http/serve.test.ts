import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createLogger } from '../observability/create-logger.ts'
import { createMetrics } from '../observability/create-metrics.ts'
import { createHealth } from '../observability/health.ts'
import { createBaseApp } from './create-base-app.ts'
import { serve } from './serve.ts'

const hello = { fetch: () => new Response('hello') }

test('serves on a free port and stops', async () => {
  const server = await serve(hello, { port: 0 })
  expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe('hello')
  await server.stop()
  await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow('fetch failed')
})

test('names the setting when the port is taken', async () => {
  const server = await serve(hello, { port: 0 })
  await expect(serve(hello, { port: server.port })).rejects.toMatchObject({
    code: 'MILLRACE_PORT_TAKEN',
    message: expect.stringContaining('set PORT to another port') as string,
  })
  await server.stop()
})

test('lets a request that runs come to its end before it stops', async () => {
  let begun: () => void
  const hasBegun = new Promise<void>((resolve) => (begun = resolve))
  let finish: () => void
  const mayFinish = new Promise<void>((resolve) => (finish = resolve))
  const app = {
    async fetch() {
      begun()
      await mayFinish
      return new Response('done')
    },
  }
  const server = await serve(app, { port: 0 })
  const answer = fetch(`http://127.0.0.1:${server.port}/`)
  await hasBegun
  const stopped = server.stop()
  finish!()
  expect(await (await answer).text()).toBe('done')
  await stopped
})

test('a client that goes away in the middle of its body is no failure of the server', async () => {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } })
  const app = createBaseApp({ logger, health: createHealth(), metrics: createMetrics({ processMetrics: false }) })
  let begun: () => void
  const hasBegun = new Promise<void>((resolve) => (begun = resolve))
  app.post('/echo', async (c) => {
    begun()
    return c.text(await c.req.text())
  })
  const server = await serve(app, { port: 0 })
  const socket = connect(server.port, '127.0.0.1')
  socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{')
  await hasBegun
  socket.destroy()
  await expect.poll(() => lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ status: 400 }])
  await server.stop()
})

test('cuts a client that sends its headers too slowly', async () => {
  const server = await serve(hello, { port: 0, requestTimeoutMs: 200 })
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
  const received = await new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (bytes) => (text += bytes.toString()))
    socket.on('close', () => resolve(text))
  })
  expect(received).toMatch(/^HTTP\/1.1 408/)
  await server.stop()
})
