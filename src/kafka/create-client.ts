// Makes kafkajs clients from the settings. Each producer, member and reader gets one of its own: kafkajs keeps committed
// offsets per client and group, so that two members made from one client would clear each other's (K10).
import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs'
import type { Logger } from '../observability/logger.ts'
import type { KafkaSasl, KafkaSettings } from './kafka-settings.ts'
import { patchRequestQueue } from './patch-request-queue.ts'

/** Makes one kafkajs client; nothing is connected yet. */
export function createClient(settings: KafkaSettings, logger: Logger): Kafka {
  patchRequestQueue()
  const config: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: settings.connectionTimeoutMs ?? 3_000,
    requestTimeout: settings.requestTimeoutMs ?? 10_000,
    enforceRequestTimeout: true,
    // Explicit, because kafkajs's defaults depend on NODE_ENV. Whoever calls retries over a longer time.
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, multiplier: 2, factor: 0.2 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = entry.log
      // A lost connection is an error to kafkajs; here it is tried again, and reported by the caller when that fails.
      logger.debug({ ...fields, namespace: entry.namespace, level: entry.label }, `kafkajs: ${message}`)
    },
  }
  if (settings.ssl !== undefined) config.ssl = settings.ssl
  if (settings.sasl !== undefined) config.sasl = toSaslOptions(settings.sasl)
  return new Kafka(config)
}

function toSaslOptions(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return sasl
  return {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: await sasl.token() }),
  }
}
