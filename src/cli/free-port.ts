// Turns port 0 into a number before a child is started, so that the child serves there again after it died.
import { createServer } from 'node:net'

/** The port itself, or a free one where it is 0. */
export async function freePort(port: number, host: string): Promise<number> {
  if (port !== 0) return port
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
