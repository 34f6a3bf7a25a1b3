// From an HTTP request to a route and back. Answers every request, also those it cannot read: an error is
// {"error_code":…,"message":…} with the status that belongs to it, and says nothing of the inside.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { RegistryError } from '../registry-error.ts'
import type { SchemaRegistry } from '../schema-registry.ts'
import { readBody } from './read-body.ts'
import { REGISTRY_ROUTES, type RegistryRoute } from './registry-routes.ts'
import { RegistryRequest } from './registry-request.ts'

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

/** Answers requests with what `registry` holds. */
export function registryListener(
  registry: SchemaRegistry,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void respond(registry, request, response)
}

async function respond(registry: SchemaRegistry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(response, 200, await answer(registry, request))
  } catch (error) {
    // The client went away while it sent: there is nobody to answer.
    if (request.destroyed && !request.complete) return
    // What is neither ours nor the client's fault comes from the disk: nothing else here can fail.
    const known = error instanceof RegistryError ? error : new RegistryError(50001, 'Error in the backend data store')
    if (known !== error) process.stderr.write(`registry: ${error instanceof Error ? error.stack : String(error)}\n`)
    // What is left of a body that was not read to its end would be taken for the next request.
    if (!request.complete) response.setHeader('connection', 'close')
    send(response, known.status, { error_code: known.code, message: known.message })
  }
}

async function answer(registry: SchemaRegistry, request: IncomingMessage): Promise<unknown> {
  const { path, query } = target(request)
  const matches = REGISTRY_ROUTES.flatMap((route) => {
    const params = match(route, path)
    return params === undefined ? [] : [{ route, params }]
  })
  const found = matches.find(({ route }) => route.method === request.method)
  if (found === undefined) {
    throw matches.length === 0
      ? new RegistryError(404, 'HTTP 404 Not Found')
      : new RegistryError(405, 'HTTP 405 Method Not Allowed')
  }
  const hasBody = request.method === 'POST' || request.method === 'PUT'
  const body = hasBody ? await readBody(request) : {}
  return found.route.answer(registry, new RegistryRequest(found.params, query, body))
}

// A subject may hold an encoded slash, so the path is split first and decoded then.
function target(request: IncomingMessage): { path: readonly string[]; query: URLSearchParams } {
  const [path = '', query = ''] = (request.url ?? '/').split(/\?(.*)/s)
  try {
    return { path: segments(path).map(decodeURIComponent), query: new URLSearchParams(query) }
  } catch {
    throw new RegistryError(400, 'The path holds an escape that is not valid')
  }
}

function match(route: RegistryRoute, path: readonly string[]): Record<string, string> | undefined {
  const pattern = segments(route.path)
  if (pattern.length !== path.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const given = path[index] ?? ''
    if (part.startsWith('{')) params[part.slice(1, -1)] = given
    else if (part !== given) return undefined
  }
  return params
}

function segments(path: string): string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/')
}

function send(response: ServerResponse, status: number, json: unknown): void {
  const body = JSON.stringify(json)
  response.writeHead(status, { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
