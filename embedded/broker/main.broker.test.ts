import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { startBroker } from './start-broker.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

type BrokerProcess = { readonly child: ChildProcess; readonly port: number }

function spawnMain(args: readonly string[], stdio: 'pipe' | 'ipc' = 'pipe'): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', ...(stdio === 'ipc' ? (['ipc'] as const) : [])],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function startProcess(args: readonly string[]): Promise<BrokerProcess> {
  const child = spawnMain(args)
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  const ready = JSON.parse(line) as { ready: boolean; port: number }
  expect(ready.ready).toBe(true)
  return { child, port: ready.port }
}

async function newDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'broker-process-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  return dataDir
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

/** Sends numbered values until the broker is gone; returns those that were acknowledged. */
async function produceUntilKilled({ child, port }: BrokerProcess, round: number): Promise<string[]> {
  const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const acknowledged: string[] = []
  const send = async (lane: number): Promise<void> => {
    for (let i = 0; ; i++) {
      const values = Array.from({ length: 20 }, (_, n) => `${round}-${lane}-${i}-${n}`)
      try {
        await producer.send({ topic: 'load', messages: values.map((value) => ({ key: value, value })) })
      } catch {
        return
      }
      acknowledged.push(...values)
      if (acknowledged.length > 5000) child.kill('SIGKILL')
    }
  }
  await Promise.all([0, 1, 2, 3].map(send))
  await producer.disconnect()
  return acknowledged
}

it('finds everything that was acknowledged again after kill -9 under load', async () => {
  const args = ['--port', '0', '--data', await newDataDir()]
  const acknowledged: string[] = []
  for (let round = 0; round < 3; round++) {
    const broker = await startProcess(args)
    if (round === 0) {
      const admin = new Kafka({ brokers: [`127.0.0.1:${broker.port}`], logLevel: logLevel.NOTHING }).admin()
      await admin.createTopics({ topics: [{ topic: 'load', numPartitions: 3 }] })
      await admin.disconnect()
    }
    acknowledged.push(...(await produceUntilKilled(broker, round)))
  }
  const { port } = await startProcess(args)
  const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING })
  const missing = new Set(acknowledged)
  const consumer = kafka.consumer({ groupId: 'oracle', maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic: 'load', fromBeginning: true })
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) missing.delete(String(value))
    },
  })
  await expect.poll(() => missing.size, { timeout: 15_000 }).toBe(0)
  expect(acknowledged.length).toBeGreaterThan(15_000)
  await consumer.disconnect()
}, 60_000)

it('stops cleanly on SIGTERM', async () => {
  const { child } = await startProcess(['--port', '0', '--data', await newDataDir()])
  child.kill('SIGTERM')
  expect(await exitOf(child)).toBe(0)
})

it('names the setting when the port is taken, and exits with 2', async () => {
  await using broker = await startBroker()
  const child = spawnMain(['--port', String(broker.port)])
  let text = ''
  child.stderr!.on('data', (chunk: Buffer) => (text += chunk.toString()))
  expect(await exitOf(child)).toBe(2)
  expect(text).toContain('BROKER_PORT')
})

it('keeps a second broker off its data directory', async () => {
  const dataDir = await newDataDir()
  await startProcess(['--port', '0', '--data', dataDir])
  await expect(startBroker({ dataDir })).rejects.toThrow('is in use by process')
})

it('ends when the parent that forked it is gone', async () => {
  const child = spawnMain(['--port', '0'], 'ipc')
  const [ready] = (await once(child, 'message')) as [{ ready: boolean }]
  expect(ready.ready).toBe(true)
  child.disconnect()
  expect(await exitOf(child)).toBe(0)
})
