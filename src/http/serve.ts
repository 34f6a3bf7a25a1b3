// Opens a port for an app, with bounds on everything a client can stretch: time for headers and bodies, size of headers,
// connections. Stopping lets requests that run come to their end, then cuts what is left.
import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MillraceError } from '../errors/millrace-error.ts'

/** Anything that answers requests. */
export interface App {
  fetch(request: Request): Response | Promise<Response>
}

export interface ServeOptions {
  /** 0 takes a free port. */
  readonly port: number
  /** Address to listen on (default: `127.0.0.1`). */
  readonly host?: string
  /** The setting that names the port, for the error when it is taken (default: `PORT`). */
  readonly portSetting?: string
  /** How long a client may take to send a request, in milliseconds (default: 15,000). */
  readonly requestTimeoutMs?: number
  /** The most connections open at once (default: 10,000). */
  readonly maxConnections?: number
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number
  /** Takes no new requests, waits for those that run, at most `graceMs` (default: 5,000), then closes every connection. */
  stop(graceMs?: number): Promise<void>
}

/**
 * Serves an app.
 * @throws MillraceError `MILLRACE_PORT_TAKEN` naming the setting, when somebody else listens there
 */
export async function serve(app: App, options: ServeOptions): Promise<RunningServer> {
  const { port, host = '127.0.0.1', portSetting = 'PORT', requestTimeoutMs = 15_000 } = options
  const server = createAdaptorServer({
    fetch: (request) => app.fetch(request),
    serverOptions: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(10_000, requestTimeoutMs),
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
  }) as Server
  server.maxConnections = options.maxConnections ?? 10_000
  await listen(server, port, host, portSetting)
  let stopping: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    stop: (graceMs = 5_000) => (stopping ??= close(server, graceMs)),
  }
}

async function listen(server: Server, port: number, host: string, portSetting: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const why =
        error.code === 'EADDRINUSE'
          ? `Port ${port} of ${host} is taken. Stop the program that listens there, or set ${portSetting} to another port.`
          : error.code === 'EACCES'
            ? `Port ${port} may not be opened by this user. Set ${portSetting} to a port above 1023.`
            : `The server cannot listen on ${host}:${port}: ${error.message}. Look at ${portSetting} and MILLRACE_HOST.`
      reject(new MillraceError('MILLRACE_PORT_TAKEN', why, { cause: error, context: { setting: portSetting, port } }))
    }
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A kept-alive connection becomes idle when its last request ends, which may be any time from now.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  server.closeIdleConnections()
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
