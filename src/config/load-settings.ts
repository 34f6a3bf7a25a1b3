// Resolves settings: an environment variable wins over millrace.config.ts, which wins over the default. Everything that is
// wrong is reported at once, secrets without their value. An empty variable counts as not set: shells and compose files
// cannot unset one.
import { MillraceError } from '../errors/millrace-error.ts'
import type { MillraceConfig } from './define-config.ts'
import { readSetting, readSettingText } from './read-setting.ts'
import { type SettingEntry, settingTable } from './setting-table.ts'
import type { Settings } from './settings.ts'

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Resolves and checks all settings.
 * @param config what millrace.config.ts exports; `{}` where there is none
 * @param env the process's environment
 * @throws MillraceError `MILLRACE_SETTINGS_INVALID` listing every setting that is wrong, what was expected and what was found
 */
export function loadSettings(config: MillraceConfig, env: Environment): Settings {
  const problems: string[] = []
  const resolved: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(settingTable) as [keyof Settings, SettingEntry<unknown>][]) {
    const text = env[entry.env]
    const given: unknown = config[name]
    const fromEnv = text !== undefined && text.trim() !== ''
    if (!fromEnv && (given === undefined || (given === null && entry.default === null))) {
      resolved[name] = entry.default
      continue
    }
    const read = fromEnv ? readSettingText(entry.shape, text) : readSetting(entry.shape, given)
    if ('value' in read) {
      resolved[name] = read.value
      continue
    }
    const received = entry.secret ? 'a value that is not shown' : JSON.stringify(fromEnv ? text : given)
    const place = fromEnv ? `environment variable ${entry.env}` : `${name} in millrace.config.ts (or ${entry.env})`
    problems.push(`${place}: expected ${read.expected}, received ${received}`)
  }
  const settings = resolved as unknown as Settings
  problems.push(...unknownNames(config), ...contradictions(settings))
  if (problems.length === 0) return Object.freeze(settings)
  throw new MillraceError(
    'MILLRACE_SETTINGS_INVALID',
    `${problems.length} ${problems.length === 1 ? 'setting is' : 'settings are'} wrong; mend them and start again:\n- ${problems.join('\n- ')}`,
    { context: { problems } },
  )
}

function unknownNames(config: MillraceConfig): string[] {
  return Object.keys(config)
    .filter((name) => !Object.hasOwn(settingTable, name))
    .map((name) => `${name} in millrace.config.ts: there is no such setting; docs/settings.md lists them all`)
}

/** Settings that are right alone and wrong together. */
function contradictions(settings: Settings): string[] {
  const problems: string[] = []
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: name, kafkaSaslPassword: password } = settings
  if (mechanism !== null && (name === null || password === null))
    problems.push('KAFKA_SASL_MECHANISM: expected KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD beside it')
  if (mechanism === null && (name !== null || password !== null))
    problems.push('KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: expected KAFKA_SASL_MECHANISM beside them')
  if ((settings.kafkaSslCert === null) !== (settings.kafkaSslKey === null))
    problems.push('KAFKA_SSL_CERT, KAFKA_SSL_KEY: expected both or neither')
  if (!settings.kafkaSsl && (settings.kafkaSslCa !== null || settings.kafkaSslCert !== null))
    problems.push('KAFKA_SSL_CA, KAFKA_SSL_CERT: expected KAFKA_SSL=true beside them')
  if (settings.kafkaBrokers === null && (settings.kafkaSsl || mechanism !== null))
    problems.push(
      'KAFKA_SSL, KAFKA_SASL_MECHANISM: expected KAFKA_BROKERS beside them: the embedded broker is local and open',
    )
  if ((settings.schemaRegistryUsername === null) !== (settings.schemaRegistryPassword === null))
    problems.push('SCHEMA_REGISTRY_USERNAME, SCHEMA_REGISTRY_PASSWORD: expected both or neither')
  return problems
}
