// Opens a project by its folder: settings, definitions and models, read and checked before anything is connected.
import { readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadSettings } from '../config/load-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { Models } from '../database/model.ts'
import { readModels } from '../database/read-models.ts'
import type { Definitions } from '../definition/definitions.ts'
import { loadDefinitions } from '../definition/load-definitions.ts'
import { validateDefinitions } from '../definition/validate-definitions.ts'
import { MillraceError } from '../errors/millrace-error.ts'

/** A project as its files say. */
export interface Project {
  readonly directory: string
  readonly settings: Settings
  readonly definitions: Definitions
  readonly models: Models
}

/** Lets this process import TypeScript. Registered once, however often a project is opened. */
let typescript: Promise<unknown> | undefined

async function importFile(directory: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  typescript ??= import('tsx/esm/api').then(({ register }) => register())
  await typescript
  return (await import(pathToFileURL(join(directory, path)).href)) as Record<string, unknown>
}

async function filesBelow(directory: string, folder: string): Promise<string[]> {
  if (!existsSync(join(directory, folder))) return []
  const found = await readdir(join(directory, folder), { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile() && /\.[cm]?[tj]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
}

/**
 * Resolves the settings of the project in a folder.
 * @throws MillraceError `MILLRACE_SETTINGS_INVALID`
 */
export async function openSettings(directory: string, env: NodeJS.ProcessEnv): Promise<Settings> {
  const file = ['millrace.config.ts', 'millrace.config.js'].find((name) => existsSync(join(directory, name)))
  if (file === undefined) return loadSettings({}, env)
  const exported = (await importFile(directory, file))['default']
  if (typeof exported !== 'object' || exported === null) {
    throw new MillraceError(
      'MILLRACE_SETTINGS_INVALID',
      `${file} has no default export; write \`export default defineConfig({ app: '…' })\``,
    )
  }
  return loadSettings(exported, env)
}

/**
 * Opens the project in a folder.
 * @throws MillraceError `MILLRACE_PROJECT_MISSING`, `MILLRACE_SETTINGS_INVALID`, `MILLRACE_MODELS_MISSING`, `MILLRACE_DEFINITIONS_INVALID`
 */
export async function openProject(directory: string, env: NodeJS.ProcessEnv): Promise<Project> {
  if (!existsSync(join(directory, 'schemas'))) {
    throw new MillraceError(
      'MILLRACE_PROJECT_MISSING',
      `${directory} is no Millrace project: it has no schemas/ folder. Go to the project's folder, or make one with \`millrace init <folder>\``,
    )
  }
  const settings = await openSettings(directory, env)
  const definitions = await loadDefinitions({
    list: (folder) => filesBelow(directory, folder),
    load: (path) => importFile(directory, path),
  })
  const models = await readModels(join(directory, 'prisma/generated/models/models.json'))
  validateDefinitions(definitions, [...models.values()])
  return { directory, settings, definitions, models }
}
