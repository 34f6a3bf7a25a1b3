// Brings the folder of generated files up to date. Files that nobody generated are left alone.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkDrift } from './check-drift.ts'
import type { Drift } from './check-drift.ts'
import type { GeneratedFile } from './generate-types.ts'

/** Brings a folder up to date and says what it did; files that are as they should be are not touched. */
export async function writeGenerated(files: readonly GeneratedFile[], directory: string): Promise<readonly Drift[]> {
  const drift = await checkDrift(files, directory)
  await mkdir(directory, { recursive: true })
  for (const { path, problem } of drift) {
    const file = files.find(({ name }) => join(directory, name) === path)
    if (problem === 'left over' || file === undefined) await rm(path)
    else await writeFile(path, file.text)
  }
  return drift
}
