// Kafka's part of the settings, as the port wants it; certificates are read here.
import { readFileSync } from 'node:fs'
import type { Settings } from '../config/settings.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { KafkaSettings } from '../kafka/kafka-settings.ts'

function pem(path: string | null, env: string): string | undefined {
  if (path === null) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new MillraceError('MILLRACE_SETTINGS_INVALID', `${env}: ${path} cannot be read: ${(error as Error).message}`)
  }
}

/** Kafka's part of the settings. @throws MillraceError `MILLRACE_SETTINGS_INVALID`, `MILLRACE_STACK_MISSING` */
export function kafkaSettings(settings: Settings, role: string): KafkaSettings {
  if (settings.kafkaBrokers === null) {
    throw new MillraceError(
      'MILLRACE_STACK_MISSING',
      'KAFKA_BROKERS is not set and no embedded stack runs for this folder: run `npx millrace start` here in another terminal, or set KAFKA_BROKERS',
    )
  }
  const ca = pem(settings.kafkaSslCa, 'KAFKA_SSL_CA')
  const cert = pem(settings.kafkaSslCert, 'KAFKA_SSL_CERT')
  const key = pem(settings.kafkaSslKey, 'KAFKA_SSL_KEY')
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username, kafkaSaslPassword: password } = settings
  return {
    brokers: settings.kafkaBrokers,
    clientId: `${settings.app}-${role}`,
    replicationFactor: settings.kafkaReplicationFactor,
    ...(settings.kafkaSsl ? { ssl: Object.keys(tls).length > 0 ? tls : true } : {}),
    ...(mechanism !== null && username !== null && password !== null
      ? { sasl: { mechanism, username, password } }
      : {}),
  }
}
