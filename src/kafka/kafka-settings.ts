// How to reach a Kafka cluster, in this project's words; kafkajs's own settings do not leave this room.
import type { ConnectionOptions } from 'node:tls'

/** Credentials for SASL, by mechanism. */
export type KafkaSasl =
  | { readonly mechanism: 'plain'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'scram-sha-256'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'scram-sha-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> }

/** How to reach a Kafka cluster and how patient to be with it. */
export interface KafkaSettings {
  /** `host:port` of some of the brokers; the others are learned from them. */
  readonly brokers: readonly string[]
  /** Told to the brokers with each request, for their logs and quotas. */
  readonly clientId: string
  /** TLS: true for the system's authorities, or Node's TLS options (default: no TLS). */
  readonly ssl?: boolean | ConnectionOptions
  readonly sasl?: KafkaSasl
  /** Copies of each partition of topics that are created (default: 1). */
  readonly replicationFactor?: number
  /** How long a connection attempt may take, in milliseconds (default: 3,000). */
  readonly connectionTimeoutMs?: number
  /** How long a request may wait for its answer before the connection is given up, in milliseconds (default: 10,000). */
  readonly requestTimeoutMs?: number
}
