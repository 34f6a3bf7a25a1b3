// Starts a project's whole stack from built code, as a person would with `millrace start`, on free ports with data of its own,
// and lets a test kill any of its processes.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'

interface ChildLine {
  readonly child: string
  readonly state: string
  readonly restarts: number
  readonly pid?: number
}

/** A running stack. */
export interface Stack {
  readonly url: string
  /** Addresses and secrets, as environment variables. */
  readonly environment: Readonly<Record<string, string>>
  readonly pid: number
  pidOf(child: string): number
  /** kill -9; the supervisor starts it again. Resolves with the pid that is gone. */
  kill(child: string): number
  /** Resolves when a child has come back `restarts` times in all. */
  whenRestarted(child: string, restarts: number): Promise<void>
  /** Ctrl-C. Resolves with exit code and milliseconds. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>
  /** kill -9 of the supervisor itself. */
  killSupervisor(): Promise<void>
  /** What it wrote on standard error so far. */
  errors(): string
}

export interface StackOptions {
  /** The project's folder (default: this repository). */
  readonly directory?: string
  /** Where the data lies. */
  readonly data: string
  readonly env?: Readonly<Record<string, string>>
  readonly cli?: string
}

/** Starts a stack and resolves when it is ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { directory = process.cwd(), data, env = {}, cli = resolve('bin/millrace.js') } = options
  const supervisor = spawn(process.execPath, [cli, 'start', '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: '0',
      BROKER_PORT: '0',
      REGISTRY_PORT: '0',
      POSTGRES_PORT: '0',
      MILLRACE_DATA: data,
      LOG_LEVEL: 'warn',
      ...env,
    },
  })
  let errors = ''
  supervisor.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const exited = new Promise<number | null>((done) => supervisor.once('exit', (code) => done(code)))
  const children = new Map<string, ChildLine>()
  const watchers = new Set<() => void>()

  const environment = await new Promise<Record<string, string>>((ready, failed) => {
    createInterface({ input: supervisor.stdout }).on('line', (line) => {
      let parsed: Record<string, unknown>
      try {
        parsed = JSON.parse(line) as Record<string, unknown>
      } catch {
        return
      }
      if (parsed['ready'] === true && typeof parsed['http'] === 'string') ready(parsed as Record<string, string>)
      if (typeof parsed['child'] !== 'string') return
      children.set(parsed['child'], parsed as unknown as ChildLine)
      for (const watcher of watchers) watcher()
    })
    void exited.then((code) => failed(new Error(`the stack ended with ${code} before it was ready:\n${errors}`)))
  })

  const pidOf = (child: string): number => {
    const pid = children.get(child)?.pid
    if (pid === undefined) throw new Error(`${child} is not running`)
    return pid
  }
  return {
    url: environment['http'] ?? '',
    environment,
    pid: supervisor.pid ?? 0,
    pidOf,
    kill(child) {
      const pid = pidOf(child)
      process.kill(pid, 'SIGKILL')
      return pid
    },
    whenRestarted: (child, restarts) =>
      new Promise((done) => {
        const look = (): void => {
          const status = children.get(child)
          if (status?.state !== 'ready' || status.restarts < restarts) return
          watchers.delete(look)
          done()
        }
        watchers.add(look)
        look()
      }),
    async stop() {
      const began = performance.now()
      supervisor.kill('SIGINT')
      const code = await exited
      return { code, ms: performance.now() - began }
    },
    async killSupervisor() {
      supervisor.kill('SIGKILL')
      await exited
    },
    errors: () => errors,
  }
}
