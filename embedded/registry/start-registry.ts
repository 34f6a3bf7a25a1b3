// The embedded schema registry: Confluent's REST contract for Avro, over memory or one append-only file. It is one process
// for a laptop, CI and tests: no authentication, no contexts, no other schema types, nothing that spans several nodes.
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { registryListener } from './http/registry-listener.ts'
import { SchemaRegistry } from './schema-registry.ts'
import { openJournal } from './store/open-journal.ts'
import { SchemaStore } from './store/schema-store.ts'

export interface RegistryOptions {
  /** Where to listen; 0 takes a free port (default: 0). */
  readonly port?: number
  /** The address to listen on (default: 127.0.0.1). */
  readonly host?: string
  /** The folder that keeps the schemas, made when it is missing (default: none, everything ends with the process). */
  readonly dataDir?: string
}

export interface Registry {
  /** What clients take as SCHEMA_REGISTRY_URL. */
  readonly url: string
  readonly port: number
  /** Answers what it has begun, then ends. Calling it again joins the first call. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a registry in this process; resolves when it answers.
 * @throws Error with code EADDRINUSE when the port is taken; Error naming the line when the file in `dataDir` is damaged
 */
export async function startRegistry({
  port = 0,
  host = '127.0.0.1',
  dataDir,
}: RegistryOptions = {}): Promise<Registry> {
  const store = new SchemaStore(dataDir === undefined ? undefined : openJournal(join(dataDir, '_schemas.jsonl')))
  const server = createServer(
    { requestTimeout: 15_000, headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    registryListener(new SchemaRegistry(store)),
  )
  try {
    await listen(server, port, host)
  } catch (error) {
    store.close()
    throw error
  }
  const address = server.address()
  const boundPort = typeof address === 'object' && address !== null ? address.port : port
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => (stopping ??= close(server).finally(() => store.close()))
  const urlHost = host.includes(':') ? `[${host}]` : host
  return { url: `http://${urlHost}:${boundPort}`, port: boundPort, stop, [Symbol.asyncDispose]: stop }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A client that is slow to send its request must not keep the registry from ending. */
const CLOSE_WITHIN_MS = 500

async function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
