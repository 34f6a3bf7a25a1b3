// A real Postgres from npm's platform packages, for a laptop, CI and tests: no Docker, no root, nothing to install. Bound to
// 127.0.0.1 and open to whoever can connect there. Data survives kill -9 and a restart; the server never outlives the process
// that started it.
import { setTimeout as delay } from 'node:timers/promises'

import { createDatabase, type CreateDatabaseOptions } from './create-database.ts'
import { claimCluster } from './claim-cluster.ts'
import { initialiseCluster, placeDataDirectory, SUPERUSER } from './data-directory.ts'
import { listeningPort } from './listening-port.ts'
import { postgresAccount } from './postgres-account.ts'
import { postgresPrograms } from './postgres-programs.ts'
import { startPostmaster, type Postmaster } from './postmaster.ts'

export interface PostgresOptions {
  /** Folder of the data; made and initialised when it is not there. */
  readonly dataDir: string
  /** TCP port; 0 takes any free one (default: 0). */
  readonly port?: number
  /** Address to listen on (default: 127.0.0.1). There is no password: keep it on the loopback interface. */
  readonly host?: string
  /** Database that `url` names, made when it is not there (default: millrace). */
  readonly database?: string
  /** Wait for the disk at every commit (default: true). Without, a power cut may destroy the data: for tests. */
  readonly fsync?: boolean
  /** Calls the start off. */
  readonly signal?: AbortSignal
}

export interface EmbeddedPostgres extends AsyncDisposable {
  /** `postgres://postgres@127.0.0.1:<port>/<database>` */
  readonly url: string
  readonly port: number
  /** Resolves with the reason when the server ends without stop(). */
  readonly ended: Promise<Error>
  /** Makes a database and gives its URL; with `template` as a copy of another one. */
  createDatabase(name: string, options?: CreateDatabaseOptions): Promise<string>
  /** Stops the server in order, and at once when that has not worked after 60 % of `withinMs` (default: 10000). */
  stop(withinMs?: number): Promise<void>
}

/**
 * Starts Postgres and resolves when it accepts connections.
 * @throws SettingError when the port is taken or another process uses the data folder.
 */
export async function startPostgres({
  dataDir,
  port: wantedPort = 0,
  host = '127.0.0.1',
  database = 'millrace',
  fsync = true,
  signal,
}: PostgresOptions): Promise<EmbeddedPostgres> {
  const account = postgresAccount(dataDir)
  const programs = postgresPrograms(account)
  const place = placeDataDirectory(dataDir, account)
  const cluster = await initialiseCluster(place, programs.initdb, account, {
    durable: fsync,
    ...(signal && { signal }),
  })
  // Before looking at the port: a server left behind may be what holds it.
  await claimCluster(cluster)
  const port = await listeningPort(host, wantedPort)
  const options = { program: programs.postgres, cluster, account, host, port, fsync }
  const server = await onceUnused(async () => startPostmaster(options, signal))
  const stop = async (withinMs = 10_000): Promise<void> => server.stop(withinMs)

  try {
    const url = await createDatabase(`postgres://${SUPERUSER}@${host}:${port}/postgres`, database)
    return {
      url,
      port,
      ended: server.ended,
      createDatabase: async (name, options) => createDatabase(url, name, options),
      stop,
      [Symbol.asyncDispose]: async () => stop(),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Children of a postmaster that was killed take a moment to end, and Postgres refuses to start beside them. */
async function onceUnused(start: () => Promise<Postmaster>): Promise<Postmaster> {
  const deadline = performance.now() + 5000
  for (;;) {
    try {
      return await start()
    } catch (error) {
      const isInUse = error instanceof Error && error.message.includes('is still in use')
      if (!isInUse || performance.now() > deadline) throw error
      await delay(50)
    }
  }
}
