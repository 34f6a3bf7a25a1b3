// Every setting of a Millrace program, resolved. What each means, its unit, default and environment variable stands in
// setting-table.ts, from which docs/settings.md is made; a test holds the three together.

/** All settings. `millrace.config.ts` names the ones that differ from their default; an environment variable wins over both. */
export interface Settings {
  /** Name of the app, in kebab case: part of consumer groups and of the `source` of its events (default: `millrace`). */
  readonly app: string
  /** Put before the name of every topic (default: none). */
  readonly topicPrefix: string
  /** Where the embedded stack keeps its data (default: `.millrace`). */
  readonly dataDirectory: string

  /** Address that HTTP listens on (default: `127.0.0.1`; in a container `0.0.0.0`). */
  readonly host: string
  /** Port of the gateway and the queries; 0 takes a free one (default: 8080). */
  readonly port: number
  /** Port of health and metrics in roles other than HTTP; null opens none (default: null). */
  readonly healthPort: number | null
  /** The largest body of a request, in bytes (default: 1,048,576). */
  readonly bodyLimitBytes: number
  /** The most events in one batch (default: 1,000). */
  readonly batchLimit: number
  /** How long a client may take to send a request, in milliseconds (default: 15,000). */
  readonly requestTimeoutMs: number
  /** The most connections open at once (default: 10,000). */
  readonly maxConnections: number
  /** After this time an emit that is not acknowledged answers 503, in milliseconds (default: 10,000). */
  readonly emitTimeoutMs: number
  /** The longest `wait=` of a query, in milliseconds (default: 30,000). */
  readonly maxWaitMs: number
  /** How long the database may work on one query of the API, in milliseconds (default: 5,000). */
  readonly queryTimeoutMs: number
  /** The bearer token of `/admin`; null: the embedded start makes one, elsewhere `/admin` answers 401 (default: null). */
  readonly adminToken: string | null
  /** Signs position tokens and cursors; null derives it from the database URL (default: null). */
  readonly tokenSecret: string | null

  /** Kafka brokers as `host:port`; null starts the embedded broker (default: null). */
  readonly kafkaBrokers: readonly string[] | null
  /** Whether the brokers are reached over TLS (default: false). */
  readonly kafkaSsl: boolean
  /** Path of a PEM file with the authorities to trust (default: the system's). */
  readonly kafkaSslCa: string | null
  /** Path of a PEM file with the client's certificate, for mutual TLS (default: null). */
  readonly kafkaSslCert: string | null
  /** Path of a PEM file with the key of that certificate (default: null). */
  readonly kafkaSslKey: string | null
  /** How the client proves who it is; null does not (default: null). */
  readonly kafkaSaslMechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | null
  /** Name for SASL (default: null). */
  readonly kafkaSaslUsername: string | null
  /** Password for SASL (default: null). */
  readonly kafkaSaslPassword: string | null
  /** Copies of each partition that new topics get (default: 1). */
  readonly kafkaReplicationFactor: number

  /** URL of the schema registry; null starts the embedded one (default: null). */
  readonly schemaRegistryUrl: string | null
  /** Name for the registry's basic authentication (default: null). */
  readonly schemaRegistryUsername: string | null
  /** Password for the registry's basic authentication (default: null). */
  readonly schemaRegistryPassword: string | null

  /** URL of the Postgres database; null starts the embedded one (default: null). */
  readonly databaseUrl: string | null
  /** The most database connections of one process (default: 10). */
  readonly databasePoolSize: number

  /** Port of the embedded broker; 0 takes a free one (default: 9092). */
  readonly brokerPort: number
  /** Port of the embedded registry; 0 takes a free one (default: 8081). */
  readonly registryPort: number
  /** Port of the embedded Postgres; 0 takes a free one (default: 5433). */
  readonly postgresPort: number

  /** The least severe log lines that are written (default: `info`). */
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** `json`, `pretty` for people, or `auto`: pretty on a terminal (default: `auto`). */
  readonly logFormat: 'auto' | 'json' | 'pretty'
}
