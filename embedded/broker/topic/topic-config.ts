// The topic settings that the broker knows: defaults, checks, and what the log reads of them. The others of Apache
// Kafka's list are stored and answered, so that tools which set them work, but change nothing on a single node.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'

type Setting = { readonly default: string; readonly isValid: (value: string) => boolean }

const anyOf =
  (...allowed: string[]) =>
  (value: string): boolean =>
    value.split(',').every((part) => allowed.includes(part.trim()))
const isOneOf =
  (...allowed: string[]) =>
  (value: string): boolean =>
    allowed.includes(value)
const isInteger =
  (least: number) =>
  (value: string): boolean =>
    /^-?\d{1,19}$/.test(value) && Number(value) >= least
const isRatio = (value: string): boolean => Number(value) >= 0 && Number(value) <= 1
const LONGEST = '9223372036854775807'

/** Every known setting. Records are kept for ever unless a topic says otherwise. */
export const topicSettings: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['cleanup.policy', { default: 'delete', isValid: anyOf('delete', 'compact') }],
  [
    'compression.type',
    { default: 'producer', isValid: isOneOf('producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd') },
  ],
  ['delete.retention.ms', { default: '86400000', isValid: isInteger(0) }],
  ['file.delete.delay.ms', { default: '60000', isValid: isInteger(0) }],
  ['flush.messages', { default: LONGEST, isValid: isInteger(1) }],
  ['flush.ms', { default: LONGEST, isValid: isInteger(0) }],
  ['index.interval.bytes', { default: '4096', isValid: isInteger(0) }],
  ['max.compaction.lag.ms', { default: LONGEST, isValid: isInteger(1) }],
  ['max.message.bytes', { default: '1048588', isValid: isInteger(0) }],
  ['message.timestamp.type', { default: 'CreateTime', isValid: isOneOf('CreateTime', 'LogAppendTime') }],
  ['min.cleanable.dirty.ratio', { default: '0.5', isValid: isRatio }],
  ['min.compaction.lag.ms', { default: '0', isValid: isInteger(0) }],
  ['min.insync.replicas', { default: '1', isValid: isInteger(1) }],
  ['preallocate', { default: 'false', isValid: isOneOf('true', 'false') }],
  ['retention.bytes', { default: '-1', isValid: isInteger(-1) }],
  ['retention.ms', { default: '-1', isValid: isInteger(-1) }],
  ['segment.bytes', { default: '67108864', isValid: isInteger(14) }],
  ['segment.ms', { default: '604800000', isValid: isInteger(1) }],
  ['unclean.leader.election.enable', { default: 'false', isValid: isOneOf('true', 'false') }],
])

/** Throws INVALID_CONFIG for a setting that is not known or a value that it cannot take. */
export function checkTopicSetting(name: string, value: string): void {
  const setting = topicSettings.get(name)
  if (!setting) throw new ProtocolError(errorCode.invalidConfig, `Unknown topic setting ${name}.`)
  if (!setting.isValid(value)) {
    throw new ProtocolError(errorCode.invalidConfig, `Topic setting ${name} cannot be '${value}'.`)
  }
}

/** The value in force: the topic's own, else the default. */
export function topicSetting(config: ReadonlyMap<string, string>, name: string): string {
  return config.get(name) ?? topicSettings.get(name)?.default ?? ''
}
