// The process form of the embedded Postgres: `node main.js --data <folder> [--port 5433]`. Reports
// `{ ready: true, port, url }` to its parent, or as a line on stdout. Exit codes: runProgram.
import { parseArgs } from 'node:util'

import { runProgram } from '../process/run-program.ts'
import { SettingError } from '../process/setting-error.ts'
import { startPostgres } from './start-postgres.ts'

const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string', default: '5433' } } })

await runProgram(async (signal) => {
  const { data, port } = values
  if (data === undefined) throw new SettingError('Postgres needs a folder for its data: --data <folder>.')
  if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    throw new SettingError(`POSTGRES_PORT is ${port}: it must be a number between 0 and 65535, 0 for any free port.`)
  }
  const postgres = await startPostgres({ dataDir: data, port: Number(port), signal })
  return {
    ready: { port: postgres.port, url: postgres.url },
    stop: async (withinMs) => postgres.stop(withinMs),
    ended: postgres.ended,
  }
})
