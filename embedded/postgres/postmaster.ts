// The server process: started, awaited until it accepts connections, stopped. It never outlives its launcher, however that
// one ends: a small shell beside it reads a pipe from the launcher and, when the pipe closes, stops the server.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { clusterName } from './cluster-owner.ts'
import type { Account } from './postgres-account.ts'

export interface PostmasterOptions {
  readonly program: string
  readonly cluster: string
  readonly account: Account
  readonly host: string
  readonly port: number
  readonly fsync: boolean
}

export interface Postmaster {
  /** Resolves with the reason when the server ends without having been asked to. */
  readonly ended: Promise<Error>
  /** Stops in order; at once, to be recovered by the next start, when that takes too long. */
  stop(withinMs: number): Promise<void>
}

/** Recovery after a crash replays at most the log since the last checkpoint. */
const READY_TIMEOUT_MS = 60_000

/** Starts the server and resolves when it accepts connections. */
export async function startPostmaster(options: PostmasterOptions, signal?: AbortSignal): Promise<Postmaster> {
  const log = join(dirname(options.cluster), 'server.log')
  const server = spawnServer(options, log)
  let isAskedToStop = false
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
    server.once('error', () => resolve())
  })
  const guard = guardServer(server, options.account)
  const ended = new Promise<Error>((resolve) => {
    void exited.then(() => {
      guard.release()
      if (!isAskedToStop) resolve(new Error(`Postgres ended by itself: ${lastLines(log)}`))
    })
  })
  const stop = async (withinMs: number): Promise<void> => {
    isAskedToStop = true
    server.kill('SIGINT')
    const immediate = setTimeout(() => server.kill('SIGQUIT'), withinMs * 0.6)
    await exited
    clearTimeout(immediate)
  }

  const deadline = performance.now() + READY_TIMEOUT_MS
  while (!acceptsConnections(options.cluster, server.pid)) {
    if (hasExited(server)) throw new Error(`Postgres did not start: ${lastLines(log)}`)
    if (signal?.aborted || performance.now() > deadline) {
      await stop(1000)
      throw new Error(
        signal?.aborted ? 'the start was called off' : `Postgres was not ready in time: ${lastLines(log)}`,
      )
    }
    await delay(10)
  }
  return { ended, stop }
}

function spawnServer({ program, cluster, account, host, port, fsync }: PostmasterOptions, log: string): ChildProcess {
  const settings = {
    cluster_name: clusterName(process.pid),
    listen_addresses: host,
    port,
    // Clients come over TCP; a socket file would need a folder that is short, shared and cleaned up.
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // For throwaway clusters of tests only: a crash of the machine may leave them broken.
    ...(!fsync && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const args = ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const output = openSync(log, 'w')
  try {
    return spawn(program, args, {
      ...account,
      cwd: '/',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      // In a session of its own: a Ctrl-C at the terminal must not stop it before those that use it have finished.
      detached: true,
      stdio: ['ignore', output, output],
    })
  } finally {
    closeSync(output)
  }
}

/** `read` returns when the launcher writes a line (the server has ended) or is gone; only then are there servers to stop. */
const GUARD_SCRIPT = 'read -r line || { kill -INT "$0"; sleep 1; kill -QUIT "$0"; } 2>/dev/null'

function guardServer(server: ChildProcess, account: Account): { release(): void } {
  if (server.pid === undefined) return { release: () => undefined }
  const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, String(server.pid)], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.on('error', () => undefined)
  guard.stdin.on('error', () => undefined)
  // The guard must not keep the launcher's event loop alive; the server does that.
  guard.unref()
  return { release: () => void guard.stdin.end('\n') }
}

function hasExited(server: ChildProcess): boolean {
  return server.pid === undefined || server.exitCode !== null || server.signalCode !== null
}

/** The server writes its state on the eighth line of its lock file. */
function acceptsConnections(cluster: string, pid: number | undefined): boolean {
  const file = join(cluster, 'postmaster.pid')
  if (!existsSync(file)) return false
  const lines = readFileSync(file, 'utf8').split('\n')
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
}

function lastLines(log: string): string {
  return readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n') || 'it wrote nothing to its log'
}
