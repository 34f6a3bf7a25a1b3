// A port that Postgres can be told to listen on: it cannot choose a free one by itself, and reports a taken one only in its log.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

import { SettingError } from '../process/setting-error.ts'

/**
 * The port itself when it is free, any free one for 0.
 * @throws SettingError naming POSTGRES_PORT when the port is taken.
 */
export async function listeningPort(host: string, port: number): Promise<number> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch (cause) {
    throw new SettingError(
      `Postgres cannot listen on ${host}:${port} (${(cause as NodeJS.ErrnoException).code}): stop what uses the port, or set POSTGRES_PORT to another one.`,
      { cause },
    )
  } finally {
    server.close()
  }
}
