// Reads the protocol's error type out of kafkajs's nested errors, and tells which of them no amount of waiting cures.

const HOPELESS = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'UNSUPPORTED_VERSION',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_TOPIC_EXCEPTION',
])

/** The broker's error type (as `MESSAGE_TOO_LARGE`), or kafkajs's error name where no broker said anything. */
export function kafkaErrorType(error: unknown): string {
  let name = 'Error'
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type
    name = cause.name
  }
  return name
}

/** Whether a broker answered with an error, so that the connection to it is sound. */
export function isBrokersAnswer(error: unknown): boolean {
  return /^[A-Z][A-Z_]+$/.test(kafkaErrorType(error))
}

/** Whether trying again cannot help: rights, credentials, versions, settings. */
export function isHopeless(error: unknown): boolean {
  return HOPELESS.has(kafkaErrorType(error)) || (error instanceof Error && error.name.startsWith('KafkaJSSASL'))
}
