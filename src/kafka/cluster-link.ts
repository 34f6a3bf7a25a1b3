// A cluster connection that is replaced as a whole after a fault: kafkajs keeps dead brokers and stale metadata after some
// timeouts. Membership in a group does not depend on it. Failures to connect are the caller's to wait out.
import type { Kafka } from 'kafkajs'
import { clusterOf, type Cluster } from './cluster.ts'

const CLOSE_LIMIT_MS = 2_000

export class ClusterLink {
  readonly #createClient: () => Kafka
  readonly #topics: readonly string[]
  #current: Promise<Cluster> | undefined

  constructor(createClient: () => Kafka, topics: readonly string[]) {
    this.#createClient = createClient
    this.#topics = topics
  }

  /** The cluster, connected and with the metadata of the topics. Rejects when no broker answers. */
  get(): Promise<Cluster> {
    this.#current ??= this.#open().catch((error: unknown) => {
      this.#current = undefined
      throw error
    })
    return this.#current
  }

  /** Throws the connection away if it is still the current one; the next `get` makes a new one. */
  async discard(cluster: Cluster): Promise<void> {
    const current = this.#current
    if (current === undefined || (await current.catch(() => undefined)) !== cluster) return
    if (this.#current !== current) return
    this.#current = undefined
    // Waits for answers that may never come, so nobody waits for it.
    void cluster.disconnect().catch(() => undefined)
  }

  /** Throws away whatever connection there is, one that is being made included. */
  async discardCurrent(): Promise<void> {
    const cluster = await this.#current?.catch(() => undefined)
    if (cluster !== undefined) await this.discard(cluster)
  }

  async close(): Promise<void> {
    const cluster = await this.#current?.catch(() => undefined)
    this.#current = undefined
    if (cluster === undefined) return
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_LIMIT_MS)
    })
    await Promise.race([cluster.disconnect().catch(() => undefined), limit])
    clearTimeout(timer)
  }

  async #open(): Promise<Cluster> {
    const cluster = clusterOf(this.#createClient())
    try {
      await cluster.connect()
      await cluster.addMultipleTargetTopics(this.#topics)
      return cluster
    } catch (error) {
      void cluster.disconnect().catch(() => undefined)
      throw error
    }
  }
}
