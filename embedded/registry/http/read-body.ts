// Reads the JSON body of a request, bounded by the bytes that came and not by what the request says of itself. Of a body that
// is too large the rest is read and dropped, up to a second bound: a client that is cut off while it sends hears no answer.
import type { IncomingMessage } from 'node:http'
import { RegistryError } from '../registry-error.ts'

/** Larger than any schema that a person writes, by far. */
const MAX_BODY_BYTES = 1024 * 1024

const MAX_DROPPED_BYTES = 16 * MAX_BODY_BYTES

/** @throws RegistryError 415 when it is no JSON by its type, 42209 when it is too large, 400 when it is no JSON object */
export async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  // A web page may send a form or plain text to this address without asking, but not JSON.
  if (!/json/i.test(request.headers['content-type'] ?? '')) {
    throw new RegistryError(415, 'HTTP 415 Unsupported Media Type: send content-type application/json')
  }
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop must not destroy the socket that the answer goes through.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    else if (size > MAX_DROPPED_BYTES) break
  }
  if (size > MAX_BODY_BYTES) throw new RegistryError(42209, `The request is larger than ${MAX_BODY_BYTES} bytes`)
  let json: unknown
  try {
    json = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    throw new RegistryError(400, `The request body is not valid JSON: ${(error as Error).message}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new RegistryError(400, 'The request body is not a JSON object')
  }
  return json as Readonly<Record<string, unknown>>
}
