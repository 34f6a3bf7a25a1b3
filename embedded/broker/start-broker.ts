// The composition root of the embedded broker: opens the data, listens, and takes everything down in the reverse order.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import type { BrokerState } from './api/api-handler.ts'
import { handlers } from './api/handlers.ts'
import { systemClock, type Clock } from './clock.ts'
import { Connection } from './connection.ts'
import { lockData } from './data-lock.ts'
import { CommittedOffsets } from './group/committed-offsets.ts'
import { Groups } from './group/groups.ts'
import { ProducerIds } from './producer-ids.ts'
import { DiskFolder } from './storage/disk-folder.ts'
import type { Folder } from './storage/folder.ts'
import { MemoryFolder } from './storage/memory-folder.ts'
import { Topics } from './topic/topics.ts'

const NODE_ID = 1
const IDENTITY_FILE = 'broker.json'

/**
 * When data is forced to the disk. A produce request is always acknowledged after its batch is written to the operating
 * system, so the death of the broker's process, by any signal, loses nothing that was acknowledged. What a power cut or a
 * crash of the operating system can lose is decided here:
 * - 'always': nothing; each write is forced to the disk before its acknowledgement. Costs a disk flush a write.
 * - `{ intervalMs }`: at most what was acknowledged in the last interval.
 * - 'never': whatever the operating system had not written back by itself.
 */
export type FsyncPolicy = 'never' | 'always' | { readonly intervalMs: number }

export type BrokerOptions = {
  /** TCP port; 0 takes any free one (default: 0). */
  readonly port?: number
  /** Address to listen on (default: '127.0.0.1'). */
  readonly host?: string
  /** Host name that clients are told to connect to (default: `host`). */
  readonly advertisedHost?: string
  /** Directory for topics and offsets, made when it is missing; without one everything is held in memory. */
  readonly dataDir?: string
  /** When data is forced to the disk (default: `{ intervalMs: 1000 }`, and at a clean stop). */
  readonly fsync?: FsyncPolicy
  /** Partitions of a topic that is made without a count (default: 1). */
  readonly defaultPartitions?: number
  /** Make a topic when a client asks for one that is not there (default: false, because a typo would make one). */
  readonly autoCreateTopics?: boolean
  /** How long the first member of an empty group waits for others, in milliseconds (default: 100). */
  readonly groupInitialRebalanceDelayMs?: number
  /** Largest request in bytes; a larger one closes its connection (default: 100 MiB). */
  readonly maxRequestBytes?: number
  /** Told, in one line each, of what an operator should know: a torn tail, a failed write, a closed connection. */
  readonly onNotice?: (line: string) => void
  /** Time for timeouts and log append times (default: the system's). */
  readonly clock?: Clock
}

export type Broker = {
  /** The port that it listens on. */
  readonly port: number
  /** `host:port` for a client's list of brokers. */
  readonly address: string
  /** Answers what is under way, writes and forces everything to the disk, closes. Calling it again waits for the same. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

type Identity = { clusterId: string; nextProducerId: number }

/**
 * Starts a Kafka broker of one node, for a laptop, CI and tests. Unmodified Kafka clients connect to `address`.
 *
 * Rejects when the port is taken (code EADDRINUSE), when another process uses the data directory, or when a segment that
 * is not the last one of its partition is damaged.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const release: (() => Promise<void> | void)[] = []
  const releaseAll = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const step of release.splice(0).reverse()) {
      // One step that fails must not leave the others undone: a port that stays taken hides the first error.
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `The broker did not stop cleanly: ${String(failures[0])}`)
  }
  try {
    const { port, host } = await start(options, release)
    let stopped: Promise<void> | null = null
    const stop = (): Promise<void> => (stopped ??= releaseAll())
    return { port, address: `${host}:${port}`, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await releaseAll().catch(() => undefined)
    throw error
  }
}

async function start(
  options: BrokerOptions,
  release: (() => Promise<void> | void)[],
): Promise<{ port: number; host: string }> {
  const { clock = systemClock, fsync = { intervalMs: 1000 }, onNotice: notice = () => {}, dataDir } = options
  const syncEach = fsync === 'always'
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true })
    release.push(await lockData(dataDir))
  }
  const folder: Folder = dataDir === undefined ? new MemoryFolder() : await DiskFolder.open(dataDir)
  const identity = await readIdentity(folder)
  const topics = await Topics.open(await folder.folder('topics'), { clock, syncEach, notice })
  release.push(() => topics.close())
  const offsets = await CommittedOffsets.open(folder, syncEach)
  release.push(() => offsets.close())
  if (typeof fsync === 'object') {
    release.push(
      every(
        clock,
        fsync.intervalMs,
        async () => {
          await topics.flush()
          await offsets.flush()
        },
        notice,
      ),
    )
  }
  const groups = new Groups(offsets, { clock, initialRebalanceDelayMs: options.groupInitialRebalanceDelayMs ?? 100 })

  const server = createServer()
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  const address = server.address() as AddressInfo
  const host = options.advertisedHost ?? options.host ?? '127.0.0.1'
  const producerIds = new ProducerIds(identity.nextProducerId, (nextProducerId) =>
    writeIdentity(folder, { ...identity, nextProducerId }),
  )
  const broker: BrokerState = {
    clusterId: identity.clusterId,
    nodeId: NODE_ID,
    host,
    port: address.port,
    topics,
    groups,
    producerIds,
    clock,
    defaultPartitions: options.defaultPartitions ?? 1,
    autoCreateTopics: options.autoCreateTopics ?? false,
    apis: handlers,
    async deleteTopic(topic) {
      await topics.delete(topic.name)
      await offsets.forgetTopic(topic.name)
    },
  }
  release.push(serve(server, broker, options.maxRequestBytes ?? 100 * 1024 * 1024, notice))
  // Before the connections end: what waits for a rebalance must not hold the stop.
  release.push(() => {
    groups.close()
  })
  return { port: address.port, host }
}

/** Takes connections; the returned function takes no more, lets the present ones finish and closes. */
function serve(
  server: Server,
  broker: BrokerState,
  maxRequestBytes: number,
  notice: (line: string) => void,
): () => Promise<void> {
  const connections = new Set<Connection>()
  const byKey = new Map(handlers.map((handler) => [handler.key, handler]))
  if (byKey.size !== handlers.length) throw new Error('Two handlers have the same API key.')
  server.on('connection', (socket) => {
    const connection = new Connection(socket, broker, { handlers: byKey, maxRequestBytes, notice })
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  })
  return async () => {
    const closed = once(server, 'close')
    server.close()
    await Promise.all([...connections].map((connection) => connection.end()))
    await closed
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

/** Runs `work` again and again with a pause between; the returned function waits for one that is under way. */
function every(
  clock: Clock,
  intervalMs: number,
  work: () => Promise<void>,
  notice: (line: string) => void,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let isStopped = false
  let cancel = (): void => {}
  const plan = (): void => {
    cancel = clock.after(intervalMs, () => {
      running = work()
        .catch((error: unknown) => {
          notice(`forcing data to the disk failed: ${String(error)}`)
        })
        .then(() => {
          if (!isStopped) plan()
        })
    })
  }
  plan()
  return async () => {
    isStopped = true
    cancel()
    await running
  }
}

async function readIdentity(folder: Folder): Promise<Identity> {
  const content = await folder.read(IDENTITY_FILE)
  if (content !== null) return JSON.parse(content.toString()) as Identity
  const identity = { clusterId: randomUUID().replaceAll('-', '').slice(0, 22), nextProducerId: 0 }
  await writeIdentity(folder, identity)
  return identity
}

function writeIdentity(folder: Folder, identity: Identity): Promise<void> {
  return folder.replace(IDENTITY_FILE, Buffer.from(`${JSON.stringify(identity)}\n`))
}
