// The ports of a stack, before anything is started: 0 becomes a number, so that a child that died serves there again, and every
// port that is taken is told at once.
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../config/settings.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { StackPorts } from './stack.ts'

/** What a killed stack left behind is gone within 2 s: only a port that is taken for longer is somebody else's. */
const patienceMs = 2_500

/**
 * Chooses the ports of the programs that will run here.
 * @throws MillraceError `MILLRACE_PORT_TAKEN` naming each port that is taken and its setting
 */
export async function choosePorts(settings: Settings): Promise<StackPorts> {
  const local = '127.0.0.1'
  const deadline = performance.now() + patienceMs
  const taken: string[] = []
  const choose = async (setting: string, port: number, host: string, isOurs: boolean): Promise<number> => {
    if (!isOurs) return port
    for (;;) {
      const found = await listenOnce(port, host)
      if (typeof found === 'number') return found
      if (found.code !== 'EADDRINUSE') {
        taken.push(`${setting}: port ${port} of ${host} cannot be opened: ${found.message}`)
        return port
      }
      if (performance.now() > deadline) {
        taken.push(`${setting}: port ${port} of ${host} is taken`)
        return port
      }
      await delay(100)
    }
  }
  const [http, broker, registry, postgres] = await Promise.all([
    choose('PORT', settings.port, settings.host, true),
    choose('BROKER_PORT', settings.brokerPort, local, settings.kafkaBrokers === null),
    choose('REGISTRY_PORT', settings.registryPort, local, settings.schemaRegistryUrl === null),
    // A fixed port of Postgres is for its launcher to judge: what holds it may be the server that a killed launcher left behind.
    choose('POSTGRES_PORT', settings.postgresPort, local, settings.databaseUrl === null && settings.postgresPort === 0),
  ])
  if (taken.length === 0) return { http, broker, registry, postgres }
  throw new MillraceError(
    'MILLRACE_PORT_TAKEN',
    `${taken.join('\n')}\nStop what listens there (another \`millrace start\`?), or set ${taken.length === 1 ? 'it to another port' : 'them to other ports'}; 0 takes a free one`,
  )
}

/** The port, or a free one for 0; the error when it cannot be listened on. */
function listenOnce(port: number, host: string): Promise<number | NodeJS.ErrnoException> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}
