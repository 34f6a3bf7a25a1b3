// What differs between the folder of generated files and what would be generated. Files that nobody generated do not count.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generatedMark } from './generate-types.ts'
import type { GeneratedFile } from './generate-types.ts'

/** A file that is not as it would be generated. */
export interface Drift {
  readonly path: string
  /** `missing`: it is not there; `changed`: its text is another; `left over`: its record is gone. */
  readonly problem: 'missing' | 'changed' | 'left over'
}

/** Compares a folder with what would be generated; empty when it is up to date. */
export async function checkDrift(files: readonly GeneratedFile[], directory: string): Promise<readonly Drift[]> {
  const found = await readGenerated(directory)
  const wanted = new Map(files.map(({ name, text }) => [name, text]))
  const drift: Drift[] = []
  for (const [name, text] of wanted) {
    const path = join(directory, name)
    if (!found.has(name)) drift.push({ path, problem: 'missing' })
    else if (found.get(name) !== text) drift.push({ path, problem: 'changed' })
  }
  for (const [name, text] of found) {
    const isLeftOver = !wanted.has(name) && text.startsWith(generatedMark)
    if (isLeftOver) drift.push({ path: join(directory, name), problem: 'left over' })
  }
  return drift
}

async function readGenerated(directory: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  const files = names.filter((name) => name.endsWith('.ts'))
  return new Map(
    await Promise.all(files.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const)),
  )
}
