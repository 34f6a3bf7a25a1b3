// The embedded broker, registry and Postgres for a bench, each a process of its own as under the supervisor, with data of their
// own that is gone afterwards.
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Stores {
  readonly broker: string
  readonly registry: string
  readonly postgres: string
  readonly pids: { readonly broker: number; readonly postgres: number }
  stop(): Promise<void>
}

export async function startStores(): Promise<Stores> {
  const data = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const children: ChildProcess[] = []
  const start = async (name: string): Promise<{ port: number; url: string; pid: number }> => {
    const main = fileURLToPath(new URL(`../dist/embedded/${name}/main.js`, import.meta.url))
    const child = fork(main, ['--port', '0', '--data', join(data, name)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.push(child)
    const ready = await new Promise<{ port: number; url: string }>((resolve, reject) => {
      child.once('message', (message) => resolve(message as { port: number; url: string }))
      child.once('exit', (code) => reject(new Error(`${name} ended with code ${code} before it was ready`)))
    })
    return { ...ready, pid: child.pid ?? 0 }
  }
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended))
    await rm(data, { recursive: true, force: true })
  }
  try {
    const [broker, registry, postgres] = await Promise.all([start('broker'), start('registry'), start('postgres')])
    return {
      broker: `127.0.0.1:${broker.port}`,
      registry: registry.url,
      postgres: postgres.url,
      pids: { broker: broker.pid, postgres: postgres.pid },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await exited
}
