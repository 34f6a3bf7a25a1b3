// The stack that the demo plays on: the one that serves at PORT, or one of its own with data of its own under .millrace/demo,
// started with `millrace start` and stopped with it.
import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the demo's own stack keeps its data. */
const ownData = '.millrace/demo'

/** A stack in service. */
export interface Stack {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  /** KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL of its stores. */
  readonly stores: Readonly<Record<string, string | undefined>>
  readonly isOwn: boolean
  readonly stop: () => Promise<void>
}

export interface StackOptions {
  /** Begin with no data. Only for a stack of the demo's own. */
  readonly isFresh: boolean
  readonly seed: number
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Retries close together, so that the demo's faults heal in seconds; what the environment says goes before. */
const ownSettings = {
  BROKER_PORT: '0',
  REGISTRY_PORT: '0',
  POSTGRES_PORT: '0',
  LOG_LEVEL: 'warn',
  WEATHER_TIMEOUT_MS: '2000',
  WEATHER_RETRY_DELAYS_MS: '100,300,1000,3000,10000',
  SENDER_RETRY_DELAYS_MS: '100,300,1000,3000',
}

/** Finds the stack at PORT, or starts one. */
export async function openStack({ isFresh, seed, env }: StackOptions): Promise<Stack> {
  const url = `http://127.0.0.1:${env['PORT'] ?? '8080'}`
  if (await isReady(url)) {
    const stores = { ...(await readStores(env['MILLRACE_DATA'] ?? '.millrace')), ...env }
    return { url, stores, isOwn: false, stop: () => Promise.resolve() }
  }
  // Never another folder, whatever the environment says: a fresh start deletes what is in it.
  const childEnv = { ...ownSettings, FAKE_SEED: String(seed), ...env, MILLRACE_DATA: ownData }
  // One that a killed stack left behind names ports where nobody answers.
  await rm(fileOfStores(ownData), { force: true })
  const child = spawn(process.execPath, ['bin/millrace.js', 'start', ...(isFresh ? ['--fresh'] : [])], {
    env: childEnv,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exit = new Promise<number | null>((done) => child.once('exit', done))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exit
  }
  const hasExited = exit.then(() => true)
  for (let waits = 0; waits < 600; waits += 1) {
    const stores = await readStores(ownData)
    if (Object.keys(stores).length > 0 && (await isReady(url))) return { url, stores, isOwn: true, stop }
    if (await Promise.race([hasExited, sleep(100, false)]))
      throw new Error('the stack did not start; its own message stands above')
  }
  await stop()
  throw new Error(`the stack was not ready at ${url} within 60 s`)
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1000) })
    await response.text()
    return response.ok
  } catch {
    return false
  }
}

const fileOfStores = (data: string): string => `${data}/running.json`

/** `millrace start` writes down where its stores serve. */
async function readStores(data: string): Promise<Readonly<Record<string, string>>> {
  try {
    return JSON.parse(await readFile(fileOfStores(data), 'utf8')) as Record<string, string>
  } catch {
    return {}
  }
}
