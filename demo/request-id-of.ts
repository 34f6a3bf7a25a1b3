// The id of the request that a message makes, computed apart from the pipeline: uuid5 under the namespace of requests.
import { createHash } from 'node:crypto'

const namespace = '6f1b0d5a7c1e4f0e9a3b52c8d7e40911'

/** uuid5 of a message's id; of a request's id it is the id of the reply. */
export function requestIdOf(name: string): string {
  const digest = createHash('sha1').update(Buffer.from(namespace, 'hex')).update(name, 'utf8').digest('hex')
  const variant = ((Number.parseInt(digest.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `5${digest.slice(13, 16)}`,
    `${variant}${digest.slice(18, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}
