// This package as it is installed: where it lies, its version, the versions of what it brings.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

export interface OwnPackage {
  readonly directory: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Reads it. The package finds itself by its name, so it does not matter whether the source or dist/ runs. */
export async function ownPackage(): Promise<OwnPackage> {
  const file = createRequire(import.meta.url).resolve('millrace/package.json')
  const { version, dependencies, devDependencies } = JSON.parse(await readFile(file, 'utf8')) as Omit<
    OwnPackage,
    'directory'
  >
  return { directory: dirname(file), version, dependencies, devDependencies }
}
