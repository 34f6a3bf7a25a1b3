// The settings that a program of this folder would run with, and where each is from. Secrets are never shown.
import type { SettingEntry } from '../../config/setting-table.ts'
import { settingTable } from '../../config/setting-table.ts'
import type { Settings } from '../../config/settings.ts'

export interface SettingInForce {
  readonly name: string
  /** The environment variable. */
  readonly env: string
  /** `(set)` stands for a secret. */
  readonly value: string | null
  readonly source: 'environment' | 'running stack' | 'millrace.config.ts' | 'default'
}

/** @param own the environment of this process @param stack the same with what the running stack adds */
export function settingsInForce(
  settings: Settings,
  own: NodeJS.ProcessEnv,
  stack: NodeJS.ProcessEnv,
): readonly SettingInForce[] {
  return (Object.entries(settingTable) as [keyof Settings, SettingEntry<unknown>][]).map(([name, entry]) => {
    const value = settings[name]
    const isSet = (env: NodeJS.ProcessEnv): boolean => (env[entry.env] ?? '').trim() !== ''
    const fromFile = JSON.stringify(value) === JSON.stringify(entry.default) ? 'default' : 'millrace.config.ts'
    return {
      name,
      env: entry.env,
      value: value === null ? null : entry.secret === true ? '(set)' : shown(value),
      source: isSet(own) ? 'environment' : isSet(stack) ? 'running stack' : fromFile,
    }
  })
}

function shown(value: Exclude<Settings[keyof Settings], null>): string {
  return typeof value === 'object' ? value.join(',') : String(value)
}
