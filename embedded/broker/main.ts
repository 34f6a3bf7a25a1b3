// The broker as a process of its own: `node main.js --port 9092 --data .millrace/broker [--watch-stdin]`.
//
// Settings come from the arguments or the environment: KAFKA_PORT, KAFKA_HOST, KAFKA_ADVERTISED_HOST, KAFKA_DATA_DIR.
// When it is ready it says {"ready":true,"port":9092}: over IPC when it was forked, else as a line on stdout. SIGTERM and
// SIGINT stop it cleanly. It ends at once when its parent is gone: the IPC channel closes, or stdin with --watch-stdin.
// Exit codes: 0 stopped, 1 failed, 2 a setting is wrong or the port is taken.

import { parseArgs } from 'node:util'
import { startBroker, type Broker, type BrokerOptions } from './start-broker.ts'

const say = (line: string): void => {
  process.stderr.write(`broker: ${line}\n`)
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env['KAFKA_PORT'] ?? '9092' },
    host: { type: 'string', default: process.env['KAFKA_HOST'] ?? '127.0.0.1' },
    'advertised-host': { type: 'string', default: process.env['KAFKA_ADVERTISED_HOST'] ?? '' },
    data: { type: 'string', default: process.env['KAFKA_DATA_DIR'] ?? '' },
    'watch-stdin': { type: 'boolean', default: false },
  },
})

const port = Number(values.port)
if (values.port === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
  say(`KAFKA_PORT (--port) must be a port from 0 to 65535, not '${values.port}'.`)
  process.exit(2)
}
const options: BrokerOptions = {
  port,
  host: values.host,
  ...(values['advertised-host'] ? { advertisedHost: values['advertised-host'] } : {}),
  ...(values.data ? { dataDir: values.data } : {}),
  onNotice: say,
}

// A parent that is gone can wait for nothing. What was acknowledged is with the operating system already.
if (process.send) process.on('disconnect', () => process.exit(0))
if (values['watch-stdin']) process.stdin.on('end', () => process.exit(0)).resume()

try {
  announce(await startBroker(options))
} catch (error) {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
  say(
    isTaken
      ? `Port ${port} of ${values.host} is taken: set KAFKA_PORT (--port) to another one, or stop what listens there.`
      : `It could not start: ${error instanceof Error ? error.message : String(error)}`,
  )
  process.exit(isTaken ? 2 : 1)
}

function announce(broker: Broker): void {
  const stop = (): void => {
    broker.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        say(`It did not stop cleanly: ${String(error)}`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
  const ready = { ready: true, port: broker.port }
  if (process.send) process.send(ready)
  else process.stdout.write(`${JSON.stringify(ready)}\n`)
}
