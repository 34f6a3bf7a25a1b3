// Connects a project to its Kafka cluster, registry and database for the time of one command or of one role.
import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { connect } from '../database/connect.ts'
import type { Database } from '../database/database.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { connectKafka } from '../kafka/connect-kafka.ts'
import type { KafkaPort } from '../kafka/kafka-port.ts'
import { prefixTopics } from '../kafka/prefix-topics.ts'
import type { Logger } from '../observability/logger.ts'
import { createRegistryClient, type RegistryClient } from '../schema/registry-client.ts'
import { kafkaSettings } from './kafka-settings.ts'
import type { Project } from './open-project.ts'

/** The parties outside a process. Nothing is opened before it is used. */
export interface Connections {
  readonly kafka: KafkaPort
  readonly registry: RegistryClient
  readonly database: Database
  close(): Promise<void>
}

/** Connects a project; `role` names the process to the brokers and to Postgres. */
export async function connectProject(project: Project, role: string, logger: Logger): Promise<Connections> {
  const { settings, directory } = project
  const kafka = prefixTopics(connectKafka(kafkaSettings(settings, role), logger), settings.topicPrefix)
  const database = await connect({
    clientFile: join(directory, 'prisma/generated/client/client.ts'),
    url: required(settings, 'databaseUrl', 'DATABASE_URL'),
    poolSize: settings.databasePoolSize,
    applicationName: `${settings.app}-${role}`,
    onConnectionLost: (error) => logger.warn({ err: error }, 'an idle database connection was cut'),
  })
  const username = settings.schemaRegistryUsername
  const password = settings.schemaRegistryPassword
  const registry = createRegistryClient({
    url: required(settings, 'schemaRegistryUrl', 'SCHEMA_REGISTRY_URL'),
    ...(username !== null && password !== null ? { auth: { username, password } } : {}),
  })
  return {
    kafka,
    database,
    registry: {
      fetchSchema: (id) => registry.fetchSchema(id),
      registerSchema: (subject, schema) => registry.registerSchema(settings.topicPrefix + subject, schema),
    },
    async close() {
      await kafka.close()
      await database.close()
    },
  }
}

function required(settings: Settings, name: 'databaseUrl' | 'schemaRegistryUrl', env: string): string {
  const value = settings[name]
  if (value !== null) return value
  throw new MillraceError(
    'MILLRACE_STACK_MISSING',
    `${env} is not set and no embedded stack runs for this folder: run \`npx millrace start\` here in another terminal, or set ${env}`,
  )
}
