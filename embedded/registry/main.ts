// The registry as a process of its own: node main.js --port <n> [--host <address>] [--data <folder>]. Tells its parent, or
// standard output, {"ready":true,"port":…,"url":…} once it answers; ends with code 2 when a setting is wrong.
import { parseArgs } from 'node:util'
import { runProgram, type RunningProgram } from '../process/run-program.ts'
import { SettingError } from '../process/setting-error.ts'
import { type Registry, type RegistryOptions, startRegistry } from './start-registry.ts'

await runProgram(async (): Promise<RunningProgram> => {
  const registry = await start(readOptions())
  return { ready: { port: registry.port, url: registry.url }, stop: async () => registry.stop() }
})

async function start(options: RegistryOptions): Promise<Registry> {
  try {
    return await startRegistry(options)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new SettingError(`registry: port ${options.port} is taken. Set REGISTRY_PORT to a free port.`)
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR' || code === 'EROFS') {
      throw new SettingError(`registry: ${message}. Set REGISTRY_PORT and the data folder to what this user may use.`)
    }
    throw error
  }
}

function readOptions(): RegistryOptions {
  const { port = '8081', host, data } = parse()
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new SettingError(`registry: "${port}" is no port. Set REGISTRY_PORT to a number from 0 to 65535.`)
  }
  return { port: Number(port), ...(host !== undefined && { host }), ...(data !== undefined && { dataDir: data }) }
}

function parse(): { port?: string; host?: string; data?: string } {
  try {
    return parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' }, data: { type: 'string' } } })
      .values
  } catch (error) {
    throw new SettingError(`registry: ${(error as Error).message}`)
  }
}
