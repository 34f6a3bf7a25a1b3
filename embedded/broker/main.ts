// The broker as a process of its own: `node main.js --data <folder> [--port 9092] [--host <address>] [--advertised-host <name>]`.
// Reports `{ ready: true, port }` to its parent, or as a line on stdout. Exit codes: runProgram.
import { parseArgs } from 'node:util'
import { runProgram } from '../process/run-program.ts'
import { SettingError } from '../process/setting-error.ts'
import { type Broker, startBroker } from './start-broker.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9092' },
    host: { type: 'string', default: '127.0.0.1' },
    'advertised-host': { type: 'string' },
    data: { type: 'string' },
  },
})

async function start(): Promise<Broker> {
  const { data, port, host } = values
  const advertisedHost = values['advertised-host']
  if (!/^\d+$/.test(port) || Number(port) > 65_535)
    throw new SettingError(`BROKER_PORT is ${port}: it must be a number between 0 and 65535, 0 for any free port.`)
  try {
    return await startBroker({
      port: Number(port),
      host,
      ...(advertisedHost === undefined ? {} : { advertisedHost }),
      ...(data === undefined ? {} : { dataDir: data }),
      onNotice: (line) => process.stderr.write(`broker: ${line}\n`),
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new SettingError(
      `BROKER_PORT: port ${port} of ${host} is taken; set another one, or stop what listens there.`,
    )
  }
}

await runProgram(async () => {
  const broker = await start()
  return { ready: { port: broker.port }, stop: () => broker.stop() }
})
