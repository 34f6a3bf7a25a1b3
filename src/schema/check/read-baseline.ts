// From what a user writes after --against to the schemas of before. Of a registry only the records of this project are read,
// and all their versions when the level asks for them.
import type { CompatibilityLevel } from '../../../embedded/registry/compatibility/compatibility-levels.ts'
import { MillraceError } from '../../errors/millrace-error.ts'
import { linkSchemas } from './link-schemas.ts'
import { type GitBaselineOptions, readGitBaseline } from './read-git-baseline.ts'
import { readRegistryBaseline } from './read-registry-baseline.ts'
import type { BaselineSchema, SchemaFile } from './schema-finding.ts'

export interface BaselineOptions {
  /** `git:<revision>` or `registry`. */
  readonly against: string
  readonly current: readonly SchemaFile[]
  readonly level: CompatibilityLevel
  /** The folder of the .avsc files, relative to where git runs (default: `schemas`). */
  readonly folder?: string
  readonly git: GitBaselineOptions['git']
  /** SCHEMA_REGISTRY_URL. */
  readonly registryUrl: string
  readonly fetch: typeof globalThis.fetch
}

/** @throws MillraceError MILLRACE_SCHEMA_BASELINE when `against` is neither of the two, or what it names cannot be read */
export async function readBaseline(options: BaselineOptions): Promise<readonly BaselineSchema[]> {
  const { against, current, level, folder, git, registryUrl, fetch } = options
  if (against === 'registry') {
    const names = linkSchemas(current).flatMap((parsed) =>
      parsed.ok && 'name' in parsed.schema ? [parsed.schema.name] : [],
    )
    return readRegistryBaseline({ url: registryUrl, names, everyVersion: level.endsWith('_TRANSITIVE'), fetch })
  }
  const ref = /^git:(.+)$/.exec(against)?.[1]
  if (ref !== undefined) return readGitBaseline({ ref, git, ...(folder !== undefined && { folder }) })
  throw new MillraceError(
    'MILLRACE_SCHEMA_BASELINE',
    `"${against}" is nothing that schemas can be checked against. Write git:<branch, tag or commit>, or registry.`,
  )
}
