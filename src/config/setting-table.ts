// The one table of settings: environment variable, shape, default, meaning. Loading, checking and docs/settings.md come from it.
import type { Settings } from './settings.ts'

/** What a value must look like. */
export type SettingShape =
  | { readonly kind: 'text'; readonly pattern?: RegExp; readonly expected?: string }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'list'; readonly pattern: RegExp; readonly expected: string }
  | { readonly kind: 'url'; readonly protocols: readonly string[] }

/** One setting. */
export interface SettingEntry<Value> {
  /** Name of the environment variable. */
  readonly env: string
  readonly shape: SettingShape
  /** Null: there is none, and what that means is told in `meaning`. */
  readonly default: Value
  /** Never printed back: in errors, logs and `doctor` only its presence is told. */
  readonly secret?: true
  /** One or two sentences, with the unit. */
  readonly meaning: string
}

const port = { kind: 'integer', min: 0, max: 65_535 } as const
const path = { kind: 'text' } as const
const milliseconds = (max: number): SettingShape => ({ kind: 'integer', min: 1, max })

/** Every setting by its name in millrace.config.ts. */
export const settingTable: { readonly [Name in keyof Settings]: SettingEntry<Settings[Name]> } = {
  app: {
    env: 'MILLRACE_APP',
    shape: {
      kind: 'text',
      pattern: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      expected: 'lower case words joined by hyphens',
    },
    default: 'millrace',
    meaning: 'Name of the app: part of consumer groups and of the source of its events.',
  },
  topicPrefix: {
    env: 'MILLRACE_TOPIC_PREFIX',
    shape: {
      kind: 'text',
      pattern: /^[a-zA-Z0-9._-]{0,100}$/,
      expected: 'letters, digits, dots, hyphens, underscores',
    },
    default: '',
    meaning: 'Put before the name of every topic.',
  },
  dataDirectory: {
    env: 'MILLRACE_DATA',
    shape: path,
    default: '.millrace',
    meaning: 'Folder for the data of the embedded stack.',
  },
  host: {
    env: 'MILLRACE_HOST',
    shape: { kind: 'text', pattern: /^[0-9a-zA-Z.:_-]+$/, expected: 'an IP address or a host name' },
    default: '127.0.0.1',
    meaning: 'Address that HTTP listens on. In a container: 0.0.0.0.',
  },
  port: {
    env: 'PORT',
    shape: port,
    default: 8080,
    meaning: 'Port of the gateway and the queries; 0 takes a free one.',
  },
  healthPort: {
    env: 'MILLRACE_HEALTH_PORT',
    shape: port,
    default: null,
    meaning: 'Port of health and metrics in roles other than HTTP. Without it they open none.',
  },
  bodyLimitBytes: {
    env: 'MILLRACE_BODY_LIMIT_BYTES',
    shape: { kind: 'integer', min: 1024, max: 104_857_600 },
    default: 1_048_576,
    meaning: 'The largest body of a request, in bytes.',
  },
  batchLimit: {
    env: 'MILLRACE_BATCH_LIMIT',
    shape: { kind: 'integer', min: 1, max: 10_000 },
    default: 1000,
    meaning: 'The most events in one batch.',
  },
  requestTimeoutMs: {
    env: 'MILLRACE_REQUEST_TIMEOUT_MS',
    shape: milliseconds(600_000),
    default: 15_000,
    meaning: 'How long a client may take to send a request, in milliseconds.',
  },
  maxConnections: {
    env: 'MILLRACE_MAX_CONNECTIONS',
    shape: { kind: 'integer', min: 1, max: 1_000_000 },
    default: 10_000,
    meaning: 'The most HTTP connections open at once.',
  },
  emitTimeoutMs: {
    env: 'MILLRACE_EMIT_TIMEOUT_MS',
    shape: milliseconds(120_000),
    default: 10_000,
    meaning: 'After this time an emit that the brokers did not acknowledge answers 503, in milliseconds.',
  },
  maxWaitMs: {
    env: 'MILLRACE_MAX_WAIT_MS',
    shape: milliseconds(300_000),
    default: 30_000,
    meaning: 'The longest `wait=` of a query, in milliseconds.',
  },
  queryTimeoutMs: {
    env: 'MILLRACE_QUERY_TIMEOUT_MS',
    shape: milliseconds(300_000),
    default: 5000,
    meaning: 'How long the database may work on one query of the API, in milliseconds.',
  },
  adminToken: {
    env: 'ADMIN_TOKEN',
    shape: { kind: 'text', pattern: /^[\x21-\x7e]{16,}$/, expected: 'at least 16 printable characters without spaces' },
    default: null,
    secret: true,
    meaning:
      'Bearer token of /admin. Without it the embedded start makes one and prints it; elsewhere /admin answers 401.',
  },
  tokenSecret: {
    env: 'MILLRACE_TOKEN_SECRET',
    shape: { kind: 'text', pattern: /^.{16,}$/s, expected: 'at least 16 characters' },
    default: null,
    secret: true,
    meaning: 'Signs position tokens and cursors. Without it the key is derived from the database URL.',
  },
  kafkaBrokers: {
    env: 'KAFKA_BROKERS',
    shape: { kind: 'list', pattern: /^[^\s:,]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, expected: 'host:port' },
    default: null,
    meaning: 'Kafka brokers, separated by commas. Without it the embedded broker is started.',
  },
  kafkaSsl: { env: 'KAFKA_SSL', shape: { kind: 'boolean' }, default: false, meaning: 'Reach the brokers over TLS.' },
  kafkaSslCa: {
    env: 'KAFKA_SSL_CA',
    shape: path,
    default: null,
    meaning: "PEM file with the authorities to trust. Without it: the system's.",
  },
  kafkaSslCert: {
    env: 'KAFKA_SSL_CERT',
    shape: path,
    default: null,
    meaning: "PEM file with the client's certificate, for mutual TLS.",
  },
  kafkaSslKey: {
    env: 'KAFKA_SSL_KEY',
    shape: path,
    default: null,
    meaning: 'PEM file with the key of that certificate.',
  },
  kafkaSaslMechanism: {
    env: 'KAFKA_SASL_MECHANISM',
    shape: { kind: 'choice', of: ['plain', 'scram-sha-256', 'scram-sha-512'] },
    default: null,
    meaning: 'How the client proves who it is. Without it: not at all.',
  },
  kafkaSaslUsername: { env: 'KAFKA_SASL_USERNAME', shape: { kind: 'text' }, default: null, meaning: 'Name for SASL.' },
  kafkaSaslPassword: {
    env: 'KAFKA_SASL_PASSWORD',
    shape: { kind: 'text' },
    default: null,
    secret: true,
    meaning: 'Password for SASL.',
  },
  kafkaReplicationFactor: {
    env: 'KAFKA_REPLICATION_FACTOR',
    shape: { kind: 'integer', min: 1, max: 9 },
    default: 1,
    meaning: 'Copies of each partition that new topics get.',
  },
  schemaRegistryUrl: {
    env: 'SCHEMA_REGISTRY_URL',
    shape: { kind: 'url', protocols: ['http:', 'https:'] },
    default: null,
    secret: true,
    meaning: 'URL of the schema registry. Without it the embedded one is started.',
  },
  schemaRegistryUsername: {
    env: 'SCHEMA_REGISTRY_USERNAME',
    shape: { kind: 'text' },
    default: null,
    meaning: "Name for the registry's basic authentication.",
  },
  schemaRegistryPassword: {
    env: 'SCHEMA_REGISTRY_PASSWORD',
    shape: { kind: 'text' },
    default: null,
    secret: true,
    meaning: "Password for the registry's basic authentication.",
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    shape: { kind: 'url', protocols: ['postgres:', 'postgresql:'] },
    default: null,
    secret: true,
    meaning: 'URL of the Postgres database. Without it the embedded one is started.',
  },
  databasePoolSize: {
    env: 'MILLRACE_DATABASE_POOL_SIZE',
    shape: { kind: 'integer', min: 2, max: 500 },
    default: 10,
    meaning: 'The most database connections of one process.',
  },
  brokerPort: {
    env: 'BROKER_PORT',
    shape: port,
    default: 9092,
    meaning: 'Port of the embedded broker; 0 takes a free one.',
  },
  registryPort: {
    env: 'REGISTRY_PORT',
    shape: port,
    default: 8081,
    meaning: 'Port of the embedded registry; 0 takes a free one.',
  },
  postgresPort: {
    env: 'POSTGRES_PORT',
    shape: port,
    default: 5433,
    meaning: 'Port of the embedded Postgres; 0 takes a free one.',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    shape: { kind: 'choice', of: ['trace', 'debug', 'info', 'warn', 'error', 'silent'] },
    default: 'info',
    meaning: 'The least severe log lines that are written.',
  },
  logFormat: {
    env: 'LOG_FORMAT',
    shape: { kind: 'choice', of: ['auto', 'json', 'pretty'] },
    default: 'auto',
    meaning: '`json`, `pretty` for people, or `auto`: pretty on a terminal, JSON elsewhere.',
  },
}
