// What millrace.config.ts exports: the settings that differ from their defaults.
import type { Settings } from './settings.ts'

/** The settings of a project; each may be left out. docs/settings.md lists them with units and defaults. */
export type MillraceConfig = { readonly [Name in keyof Settings]?: Settings[Name] | undefined }

/** Defines a project's settings: `export default defineConfig({ app: 'orders' })`. They are checked when a program starts. */
export function defineConfig(config: MillraceConfig): MillraceConfig {
  return Object.freeze({ ...config })
}
